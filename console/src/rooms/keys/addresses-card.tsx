import { Button, List, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Plus } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useSignedIn } from '../../api/session.ts'
import { Card } from '../../parts/card.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { tell } from '../../parts/notices.ts'
import { addAddress, masterOf, type OwnKey } from './calls.ts'
import { nothingTyped, ProofFields, proofOf } from './proof.tsx'
import { useRefusals } from './refusals.ts'
import type { DialogueProps } from './renewing.tsx'
import { useWhileOpen } from './while-open.ts'

function Adding({ of, opened, onClose }: DialogueProps) {
  const { t } = useTranslation('keys')
  const words = useRefusals()
  const { account } = useSignedIn()
  const [{ name, email, proof }, change] = useWhileOpen(opened, { name: account.name, email: '', proof: nothingTyped })
  const confirm = async () => {
    await addAddress(masterOf(of).fingerprint, proofOf(proof), { name, email })
    tell(t('addresses.added'), t('addresses.addedText', { email }))
  }
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={t('addresses.adding')}
      action={t('addresses.confirmAdd')}
      onConfirm={confirm}
      isReady={name.trim() !== '' && email.trim() !== '' && proof.secret !== ''}
      isHarmless
      words={words}
    >
      <Text size="sm">{t('addresses.addingText')}</Text>
      <TextInput
        label={t('addresses.name')}
        data-autofocus
        autoComplete="name"
        value={name}
        onChange={(event) => change({ name: event.currentTarget.value })}
        required
      />
      <TextInput
        label={t('addresses.email')}
        description={t('addresses.forGood')}
        type="email"
        autoComplete="email"
        value={email}
        onChange={(event) => change({ email: event.currentTarget.value })}
        required
      />
      <ProofFields value={proof} onChange={(proof) => change({ proof })} allowsAccount={of.recoveryAvail} />
    </Confirm>
  )
}

/** The names and addresses on a key. */
export function AddressesCard({ of }: { of: OwnKey }) {
  const { t } = useTranslation('keys')
  const [isOpen, { open, close }] = useDisclosure()
  const { userIds, revoked, expired } = masterOf(of)
  const mayAdd = of.privateRing !== undefined && !revoked && !expired
  return (
    <Card title={t('addresses.title')} lead={t('addresses.lead')}>
      <List spacing={4} listStyleType="none" style={{ overflowWrap: 'anywhere' }}>
        {userIds.map((userId) => (
          <List.Item key={userId}>{userId}</List.Item>
        ))}
      </List>
      {mayAdd ? (
        <Button mt="md" variant="default" leftSection={<Plus aria-hidden size={16} />} onClick={open}>
          {t('addresses.add')}
        </Button>
      ) : null}
      <Adding of={of} opened={isOpen} onClose={close} />
    </Card>
  )
}
