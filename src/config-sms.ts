import { z } from 'zod'
import { optional, url } from './config-kinds.ts'

/** Who carries SMS, and how he is asked: a part of config-groups.ts. */
export const smsGroups = {
  SMS: {
    smsPreset: [
      z.enum(['none', 'generic', 'twilio', 'sns']).default('none'),
      'none, generic (the settings below), twilio or sns; a set URL alone means generic',
    ],
    smsUrl: [
      url('http:', 'https:').optional(),
      'URL of the provider; with a preset it replaces the preset’s own',
      'url',
    ],
    smsMethod: [z.enum(['GET', 'POST']).default('POST'), 'GET or POST'],
    smsContentType: [
      z.enum(['none', 'json', 'formUrlEncoded']).default('json'),
      'none (parameters in the URL), json or formUrlEncoded',
    ],
    smsToParam: [z.string().min(1).default('to'), 'name of the parameter that carries the number'],
    smsBodyParam: [z.string().min(1).default('body'), 'name of the parameter that carries the text'],
    smsFromParam: [z.string().min(1).default('from'), 'name of the parameter that carries the sender'],
    smsFrom: [optional, 'sender: a number or a name'],
    smsStaticParams: [z.string().default(''), 'further parameters, as in a query: a=1&b=2', 'secret'],
    smsAuth: [z.enum(['none', 'basic', 'bearer']).default('none'), 'none, basic or bearer'],
    smsUser: [optional, 'user for basic; account SID for twilio; access key id for sns'],
    smsPassword: [optional, 'password for basic; auth token for twilio; secret access key for sns', 'secret'],
    smsToken: [optional, 'token for bearer', 'secret'],
    smsRegion: [z.string().min(1).default('us-east-1'), 'region for sns'],
  },
} as const satisfies Record<string, Record<string, readonly [z.ZodType, string, ('secret' | 'url')?]>>
