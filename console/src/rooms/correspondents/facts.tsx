import type { ReactNode } from 'react'
import classes from './facts.module.css'

/** What is known of something: a word, and what it is. */
export function Facts({ facts }: { facts: readonly (readonly [term: string, value: ReactNode] | null)[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map((fact) =>
        fact ? (
          <div key={fact[0]} className={classes.fact}>
            <dt>{fact[0]}</dt>
            <dd>{fact[1]}</dd>
          </div>
        ) : null,
      )}
    </dl>
  )
}
