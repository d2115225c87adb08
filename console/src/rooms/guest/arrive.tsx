import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Navigate, useNavigate, useSearchParams } from 'react-router'
import { Card } from '../../parts/card.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import { Waiting } from '../../parts/waiting.tsx'
import { suggestLanguage } from '../../words/words.ts'
import { Anew } from './anew.tsx'
import { isCode, linkQuery, mailQuery, selfQuery } from './calls.ts'
import { Door, DoorPage } from './door.tsx'
import { Component as Nothing } from './nothing.tsx'
import { SignInForm } from './sign-in-form.tsx'

/** By a link to a mail: straight to it for whose mail it is, and who is signed in; to the door for everybody else. */
function ByItem({ item }: { item: string }) {
  const { t } = useTranslation('guest')
  const self = useQuery(selfQuery)
  const own = useQuery({ ...mailQuery(item), enabled: Boolean(self.data) })
  const isElse = self.data === null || isCode(own.error, 'ITEM_UNKNOWN')
  const link = useQuery({ ...linkQuery(item), enabled: isElse })
  const language = link.data?.language
  useEffect(() => {
    if (language) void suggestLanguage(language)
  }, [language])
  const error = self.error ?? link.error
  // It was cut, or something was put to it.
  if (isCode(link.error, 'BAD_PARAMETER')) return <Nothing />
  if (error)
    return (
      <Page title={t('signIn.pageTitle')}>
        <ErrorNote error={error} />
      </Page>
    )
  if (self.data && (own.data || (own.error && !isElse)))
    return <Navigate to={`/guest/mail/${encodeURIComponent(item)}`} replace />
  return link.data ? <Door item={item} arrival={link.data} /> : <Waiting />
}

/** By no link at all: to his mails, or to where he signs in. */
function ByHand() {
  const { t } = useTranslation('guest')
  const { data: self, isPending } = useQuery(selfQuery)
  if (isPending) return <Waiting />
  if (self) return <Navigate to="/guest/inbox" replace />
  return (
    <DoorPage title={t('signIn.pageTitle')} lead={t('signIn.pageLead')}>
      <Card>
        <SignInForm />
      </Card>
    </DoorPage>
  )
}

/** Where the links of mails to guests lead. */
export function Component() {
  const [asked] = useSearchParams()
  const navigate = useNavigate()
  // It starts somebody anew: kept while this page is open, and out of the address at once.
  const [reset, setReset] = useState<string | null>(null)
  const given = asked.get('reset')
  useEffect(() => {
    if (given === null) return
    setReset(given)
    navigate('/guest', { replace: true })
  }, [given, navigate])
  const item = asked.get('item')
  if (given !== null) return <Waiting />
  if (item !== null) return <ByItem key={item} item={item} />
  return reset === null ? <ByHand /> : <Anew reset={reset} />
}
