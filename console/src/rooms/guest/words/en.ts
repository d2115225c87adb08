export default {
  title: 'Message for you',
} as const
