import type { Population } from '#src/domain/accounts/accounts.ts'

/**
 * The protocol has two populations, users and subscribers, and the same things can be done for both: one list of
 * endpoints, hung twice. A door is where they differ.
 */
export interface Door {
  population: Population
  /** the name that its sessions are kept under: a token of one door opens nothing at the other */
  protocol: string
  signIn: '/oauth2' | '/suboauth2'
  one: '/user' | '/subuser'
  many: '/users' | '/subusers'
  validate: '/validateToken' | '/validateSubToken'
  avatar: '/avatar' | '/subavatar'
  preferences: '/preferences' | '/subpreferences'
  totp: '/totp' | '/subtotp'
}

export const userDoor: Door = {
  population: 'user',
  protocol: 'openwifi',
  signIn: '/oauth2',
  one: '/user',
  many: '/users',
  validate: '/validateToken',
  avatar: '/avatar',
  preferences: '/preferences',
  totp: '/totp',
}

export const subscriberDoor: Door = {
  population: 'subscriber',
  protocol: 'openwifi-subscribers',
  signIn: '/suboauth2',
  one: '/subuser',
  many: '/subusers',
  validate: '/validateSubToken',
  avatar: '/subavatar',
  preferences: '/subpreferences',
  totp: '/subtotp',
}
