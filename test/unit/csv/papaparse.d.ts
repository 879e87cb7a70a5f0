/** The little of Papa Parse that tests and benches compare with. */
declare module 'papaparse' {
  interface ParseResult<T> {
    readonly data: T[];
  }
  interface ParseOptions {
    readonly delimiter?: string;
    readonly newline?: string;
  }
  interface StreamOptions extends ParseOptions {
    readonly step: (row: ParseResult<string>) => void;
    readonly complete: () => void;
    readonly error?: (error: Error) => void;
  }
  const Papa: {
    parse<T>(text: string, options?: ParseOptions): ParseResult<T>;
    parse(input: NodeJS.ReadableStream, options: StreamOptions): void;
    unparse(rows: readonly (readonly string[])[], options?: ParseOptions): string;
  };
  export default Papa;
}
