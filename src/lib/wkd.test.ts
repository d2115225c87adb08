import assert from 'node:assert/strict'
import { it } from 'node:test'
import { wkdName } from './wkd.ts'

it('names an address as the draft does', () => {
  assert.equal(wkdName('Joe.Doe@Example.ORG'), 'iy9q119eutrkn8s1mk4r39qejnbu3n5q')
})
