export { checkTemplate } from './check-template.ts';
export { checkCommand, parseCommand, renderCommand } from './command.ts';
export type { CommandOptions, CommandShell, ParsedCommand } from './command.ts';
export { formatDecimal, parseDecimalPattern } from './decimal-format.ts';
export type { DecimalPattern } from './decimal-format.ts';
export { defaultTarget, suggestDialect } from './dialects.ts';
export { parseTemplate } from './parse-template.ts';
export { namesUsed, renderTemplate } from './render-template.ts';
export type { RenderResult } from './render-template.ts';
export { checkTargets } from './targets.ts';
export type { TemplateTarget } from './targets.ts';
export { checkTemplateBytes, decodeTemplate, encodeTemplate } from './template-bytes.ts';
export type { TemplateText } from './template-bytes.ts';
export type {
  Dialect,
  FloatStyle,
  ParsedTemplate,
  ParseOptions,
  Placeholder,
  RenderScope,
  TemplateProblem,
} from './types.ts';
