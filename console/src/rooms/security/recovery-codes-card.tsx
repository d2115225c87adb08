import { Button, Modal, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { elevated } from '../../api/elevation.ts'
import { RecoveryCodes } from '../../enrolment/recovery-codes.tsx'
import { Card } from '../../parts/card.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { type Overview, readAgain, SECURITY } from './calls.ts'

/** How many recovery codes are left, and new ones. */
export function RecoveryCodesCard({ overview: { twoFactor, recoveryCodesLeft } }: { overview: Overview }) {
  const { t } = useTranslation('security')
  const [isAsked, setAsked] = useState(false)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const make = async () => {
    const path = `${SECURITY}/2fa/recoverycodes`
    setCodes((await elevated<{ recoveryCodes: string[] }>('POST', path)).recoveryCodes)
    await readAgain()
  }
  return (
    <Card title={t('step.codes')} lead={t('step.codesLead')}>
      <Text mb="md" fw={600}>
        {twoFactor.configured ? t('step.codesLeft', { count: recoveryCodesLeft }) : t('step.codesOff')}
      </Text>
      {twoFactor.configured ? (
        <Button variant="default" onClick={() => setAsked(true)}>
          {t('step.makeCodes')}
        </Button>
      ) : null}
      <Confirm
        opened={isAsked}
        onClose={() => setAsked(false)}
        title={t('step.makeCodesTitle')}
        action={t('step.makeCodes')}
        onConfirm={make}
        isHarmless
      >
        <Text size="sm">{t('step.makeCodesText')}</Text>
      </Confirm>
      <Modal
        opened={codes !== null}
        onClose={() => setCodes(null)}
        size="lg"
        closeOnClickOutside={false}
        closeOnEscape={false}
        withCloseButton={false}
        title={t('step.newCodes')}
      >
        {codes ? <RecoveryCodes codes={codes} onKept={() => setCodes(null)} /> : null}
      </Modal>
    </Card>
  )
}
