export default {
  title: 'Forgotten',
} as const
