import { Anchor, Box, Button, Group, Stack, Text, Title } from '@mantine/core'
import { Scale } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Card } from '../../parts/card.tsx'
import type { PolicyChanges } from './calls.ts'
import classes from './policy-card.module.css'
import { PolicyDialog, usePolicyText } from './policy-dialog.tsx'
import { type PolicyKey, policyGroups } from './policy-fields.ts'
import type { Policy } from './types.ts'

interface PolicyCardProps {
  policy: Policy
  /** what is decided here: the last layer */
  scope: 'account' | 'domain'
  domain: string
  mayDecide: boolean
  decide(changes: PolicyChanges): Promise<unknown>
}

/** What holds, value by value, with who said it. */
export function PolicyCard({ policy, scope, domain, mayDecide, decide }: PolicyCardProps) {
  const { t } = useTranslation('people')
  const textOf = usePolicyText()
  const [editing, setEditing] = useState<PolicyKey | null>(null)
  return (
    <Card
      title={t('policy.title')}
      lead={
        scope === 'domain' ? (
          t('policy.domainLead')
        ) : (
          <>
            {t('policy.lead')}{' '}
            <Anchor
              component={Link}
              to={`/admin/people/domain/${encodeURIComponent(domain)}`}
              inherit
              underline="always"
            >
              {t('policy.ofDomain', { domain })}
            </Anchor>
          </>
        )
      }
      icon={<Scale aria-hidden />}
    >
      <Stack gap="lg">
        {Object.entries(policyGroups).map(([group, fields]) => (
          <Box key={group}>
            <Title order={3} size="sm" mb={4}>
              {t(`policy.groups.${group as keyof typeof policyGroups}`)}
            </Title>
            <ul className={classes.values}>
              {(Object.keys(fields) as PolicyKey[]).map((key) => {
                const said = policy[key]
                if (!said) return null
                return (
                  <li key={key} className={classes.value}>
                    <Text span size="sm">
                      {t(`policy.keys.${key}`)}
                    </Text>
                    <Group gap="xs" component="span" justify="space-between" wrap="nowrap">
                      <span>
                        <Text span size="sm" fw={600}>
                          {textOf(key, said.value)}
                        </Text>
                        {said.from === 'setting' ? null : (
                          <Text span size="sm" c="dimmed" display="block">
                            {t(`policy.from.${said.from}`)}
                          </Text>
                        )}
                      </span>
                      {mayDecide ? (
                        <Button
                          variant="subtle"
                          size="compact-sm"
                          style={{ flexShrink: 0 }}
                          aria-label={t('policy.changeOf', { what: t(`policy.keys.${key}`) })}
                          onClick={() => setEditing(key)}
                        >
                          {t('policy.change')}
                        </Button>
                      ) : null}
                    </Group>
                  </li>
                )
              })}
            </ul>
          </Box>
        ))}
      </Stack>
      {editing ? (
        <PolicyDialog
          key={editing}
          name={editing}
          said={policy[editing]!}
          scope={scope}
          onClose={() => setEditing(null)}
          onDecide={(value) => decide({ [editing]: value })}
        />
      ) : null}
    </Card>
  )
}
