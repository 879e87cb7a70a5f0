import { createTheme } from '@mantine/core';
import type { CSSVariablesResolver, MantineColorsTuple } from '@mantine/core';

const graphite: MantineColorsTuple = [
  '#f6f7f8',
  '#eff1f4',
  '#e3e6ea',
  '#d9dde2',
  '#b6bcc4',
  '#8d959f',
  '#59616a',
  '#3f464e',
  '#2b3036',
  '#1d2125',
];

const dark: MantineColorsTuple = [
  '#e0e4e8',
  '#b9c0c8',
  '#9da6b0',
  '#6d757f',
  '#4a515a',
  '#30353b',
  '#24282c',
  '#1b1e21',
  '#16181b',
  '#131517',
];

const accent: MantineColorsTuple = [
  '#edeffd',
  '#d9defa',
  '#b3bdf5',
  '#8fa0ff',
  '#7283ee',
  '#5b6ee6',
  '#4054d4',
  '#4a5fe0',
  '#3548c4',
  '#26369c',
];

const vermilion: MantineColorsTuple = [
  '#fdf0ea',
  '#fadfd2',
  '#f5c0a8',
  '#ff9466',
  '#f06a30',
  '#e25a17',
  '#b83f02',
  '#c04706',
  '#a33700',
  '#7d2a00',
];

/** Small controls by default: rows are 28–32 px high, so are the buttons beside them. */
const SMALL = { defaultProps: { size: 'xs' } } as const;

/** Mantine dressed in the tokens of styles/tokens.css. */
export const theme = createTheme({
  fontFamily: 'var(--font-ui)',
  fontFamilyMonospace: 'var(--font-mono)',
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 7 },
  colors: { gray: graphite, dark, accent, vermilion },
  black: '#1d2125',
  defaultRadius: 'sm',
  radius: { xs: '2px', sm: '4px', md: '6px', lg: '8px', xl: '12px' },
  fontSizes: { xs: '13px', sm: '13px', md: '13px', lg: '15px', xl: '18px' },
  lineHeights: { xs: '20px', sm: '20px', md: '20px', lg: '24px', xl: '28px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  headings: { fontWeight: '600' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: SMALL,
    TextInput: SMALL,
    PasswordInput: SMALL,
    Autocomplete: {
      defaultProps: { size: 'xs', withScrollArea: false },
      styles: { options: { maxHeight: 260, overflowY: 'auto' } },
    },
    NumberInput: SMALL,
    Textarea: SMALL,
    // The options scroll themselves: a scroll area around them is a region that the keyboard cannot reach.
    Select: {
      defaultProps: { size: 'xs', withScrollArea: false },
      styles: { options: { maxHeight: 260, overflowY: 'auto' } },
    },
    NativeSelect: SMALL,
    Checkbox: SMALL,
    Switch: SMALL,
    Radio: SMALL,
    SegmentedControl: SMALL,
    // The page itself never scrolls, and the lock would add a style element without a nonce.
    Modal: {
      defaultProps: {
        lockScroll: false,
        centered: true,
        // A question may stand before another dialog; two veils must not be a wall.
        overlayProps: { backgroundOpacity: 0.4 },
        transitionProps: { duration: 80 },
        closeButtonProps: { 'aria-label': 'Close' },
      },
    },
    Drawer: { defaultProps: { lockScroll: false } },
    // A placeholder for the first focus would be a child that a menu must not have.
    Menu: { defaultProps: { transitionProps: { duration: 60 }, shadow: 'md', withInitialFocusPlaceholder: false } },
    Tooltip: { defaultProps: { openDelay: 300, transitionProps: { duration: 60 }, withArrow: false } },
  },
});

/** Hands Mantine's own surfaces and texts over to the tokens, in both schemes. */
export const cssVariablesResolver: CSSVariablesResolver = () => {
  const both = {
    '--mantine-color-body': 'var(--surface)',
    '--mantine-color-text': 'var(--text)',
    '--mantine-color-dimmed': 'var(--text-quiet)',
    '--mantine-color-default': 'var(--surface)',
    '--mantine-color-default-hover': 'var(--surface-hover)',
    '--mantine-color-default-color': 'var(--text)',
    '--mantine-color-default-border': 'var(--border)',
    '--mantine-color-placeholder': 'var(--text-quiet)',
    '--mantine-color-anchor': 'var(--accent-text)',
    '--mantine-color-error': 'var(--state-failed-text)',
  };
  return { variables: {}, light: both, dark: both };
};
