import { CloseButton, TextInput, VisuallyHidden } from '@mantine/core'
import { type ClipboardEvent, type KeyboardEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { joined, type Person, peopleIn } from './people.ts'
import classes from './people-field.module.css'
import { StateIcon } from './state-icon.tsx'
import { blocking, labelOf, type State } from './states.ts'

interface PeopleFieldProps {
  label: string
  description?: string
  value: readonly Person[]
  onChange(value: Person[]): void
  stateOf(person: Person): State
}

const ENDS = new Set(['Enter', ',', ';'])

/** People in one field of a mail: each a chip with a picture of how it reaches him, and room for more. */
export function PeopleField({ label, description, value, onChange, stateOf }: PeopleFieldProps) {
  const { t } = useTranslation('mail')
  const [text, setText] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const add = (added: string) => {
    const people = peopleIn(added)
    setText('')
    if (people.length > 0) onChange(joined(value, people))
  }
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Backspace' && text === '') onChange(value.slice(0, -1))
    // Within quotes a comma is part of a name, and behind it an address is still to come.
    const isOpen = event.key !== 'Enter' && (text.split('"').length % 2 === 0 || !text.includes('@'))
    if (!ENDS.has(event.key) || isOpen || event.nativeEvent.isComposing) return
    if (event.key === 'Enter' && text.trim() === '') return
    event.preventDefault()
    add(text)
  }
  const paste = (event: ClipboardEvent<HTMLInputElement>) => {
    const pasted = event.clipboardData.getData('text')
    if (!pasted.includes('@')) return
    event.preventDefault()
    add(text + pasted)
  }
  const remove = (person: Person) => {
    onChange(value.filter((other) => other !== person))
    field.current?.focus()
  }
  return (
    <TextInput
      label={label}
      description={description}
      ref={field}
      type="text"
      inputMode="email"
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={press}
      onPaste={paste}
      onBlur={() => add(text)}
      inputWrapperOrder={['label', 'description', 'input', 'error']}
      inputContainer={(input) => (
        <>
          <ul className={classes.people} aria-label={t('write.peopleList', { field: label })}>
            {value.map((person) => {
              const state = stateOf(person)
              const who = person.name || person.address
              return (
                <li
                  key={person.address}
                  className={classes.person}
                  title={person.address}
                  {...(blocking.includes(state) && state !== 'looking' ? { 'data-blocking': true } : {})}
                >
                  <StateIcon state={state} />
                  <span>{who}</span>
                  <VisuallyHidden>, {t(`plan.${labelOf(state)}`)}</VisuallyHidden>
                  <CloseButton
                    size="sm"
                    radius="xl"
                    aria-label={t('write.remove', { who })}
                    onClick={() => remove(person)}
                  />
                </li>
              )
            })}
          </ul>
          {input}
        </>
      )}
    />
  )
}
