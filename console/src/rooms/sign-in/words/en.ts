export default {
  title: 'Sign in',
  name: 'User name or mail address',
  submit: 'Sign in',
  failed: 'The name or the password is not right. Both are checked together: look at each.',
  stepTitle: 'Second step',
  stepLead: 'Your account asks for a second proof that it is you.',
} as const
