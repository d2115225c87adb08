import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  InputWrapper,
  type MantineColorsTuple,
} from '@mantine/core'
import i18next from 'i18next'

// Asked for whenever one is drawn: the language may have changed.
const closeButton = () => ({ closeButtonProps: { 'aria-label': i18next.t('close') } })

/** The colours of our mails: brass on paper. */
const brass: MantineColorsTuple = [
  '#fbf5ea',
  '#f2e7d2',
  '#e6d0a6',
  '#e3b873',
  '#cf9d50',
  '#b58339',
  '#96702c',
  '#7d5a1e',
  '#664917',
  '#4f3810',
]

// Warm greys: text on paper.
const gray: MantineColorsTuple = [
  '#faf7f1',
  '#f4efe6',
  '#ebe3d5',
  '#e3d9c6',
  '#cdc1ab',
  '#a99d89',
  '#7b7061',
  '#5c5346',
  '#3f382f',
  '#2b2620',
]

const dark: MantineColorsTuple = [
  '#efe8dc',
  '#d6ccbd',
  '#b8ad9c',
  '#8e8373',
  '#433a30',
  '#352e27',
  '#26211c',
  '#1f1a16',
  '#191613',
  '#120f0d',
]

export const theme = createTheme({
  primaryColor: 'brass',
  primaryShade: { light: 7, dark: 3 },
  // Text on brass is light where brass is dark, and the other way round; the library would decide once for both schemes.
  variantColorResolver(input) {
    const colors = defaultVariantColorsResolver(input)
    if (input.color === 'red' && input.variant === 'filled')
      return { ...colors, background: 'var(--bad)', hover: 'var(--bad)', color: 'var(--on-bad)' }
    const light = input.variant === 'light' && { red: 'var(--bad)', green: 'var(--good)' }[String(input.color)]
    if (light) return { ...colors, color: light }
    const isBrass = !input.color || input.color === 'brass'
    return input.variant === 'filled' && isBrass ? { ...colors, color: 'var(--on-brass)' } : colors
  },
  colors: { brass, gray, dark },
  black: '#2b2620',
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.6rem' }, h2: { fontSize: '1.2rem' } } },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // Nearly every field must be filled in: the few that need not be say so.
    InputWrapper: InputWrapper.extend({ defaultProps: { withAsterisk: false } }),
    // It is the head of a dialogue, and no banner of the page.
    ModalHeader: { defaultProps: { role: 'none' } },
    Modal: { defaultProps: closeButton },
    Notification: { defaultProps: closeButton },
    SegmentedControl: { defaultProps: { transitionDuration: 0 } },
  },
})

/** Paper below, cards on it; quiet text dark enough to be read on both (WCAG 1.4.3). */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f4efe6',
    '--mantine-color-text': '#2b2620',
    '--mantine-color-dimmed': '#655c4e',
    '--mantine-color-placeholder': '#6f6557',
    '--mantine-color-error': '#9c2b1b',
    '--on-brass': '#fffdf9',
    '--mantine-primary-color-contrast': '#fffdf9',
    '--card': '#fffdf9',
    '--line': '#e3d9c6',
    '--edge': '#8d8270',
    '--good': '#2f6b3a',
    '--bad': '#9c2b1b',
    '--on-bad': '#fffdf9',
  },
  dark: {
    '--mantine-color-body': '#191613',
    '--mantine-color-text': '#efe8dc',
    '--mantine-color-dimmed': '#b8ad9c',
    '--mantine-color-placeholder': '#a59a89',
    '--mantine-color-error': '#ff9d8a',
    '--mantine-color-disabled': '#352e27',
    '--on-brass': '#1f1a14',
    '--mantine-primary-color-contrast': '#1f1a14',
    '--card': '#26211c',
    '--line': '#433a30',
    '--edge': '#8a7e6d',
    '--good': '#8fce9b',
    '--bad': '#ff9d8a',
    '--on-bad': '#1f1a14',
  },
})
