import { useTranslation } from 'react-i18next'
import { useSignedIn } from '../../api/session.ts'
import { Page } from '../../parts/page.tsx'
import { Made } from './made.tsx'
import { MakingForm } from './making-form.tsx'
import { Progress } from './making-progress.tsx'
import { useMaking } from './use-making.ts'

/** A new key: what it shall be, how it is made, and what comes next. */
export function Component() {
  const { t } = useTranslation('keys')
  const { account } = useSignedIn()
  const { stage, wish, made, isFound, error, make } = useMaking()
  if (made) return <Made of={made} isFound={isFound} />
  if (stage)
    return (
      <Page title={t('progress.title')}>
        <Progress stage={stage} isRsa={wish?.algorithm.startsWith('rsa') ?? false} />
      </Page>
    )
  return (
    <Page title={t('making.title')} lead={t('making.lead', { address: account.address })}>
      <MakingForm first={wish} error={error} onWish={make} />
    </Page>
  )
}
