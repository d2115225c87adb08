import { Text, UnstyledButton, VisuallyHidden } from '@mantine/core'
import { ChevronRight, CircleAlert, CircleCheck, type LucideIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import classes from './security.module.css'

export type Standing = 'good' | 'attention' | 'neutral'

const marks: Partial<Record<Standing, LucideIcon>> = { good: CircleCheck, attention: CircleAlert }

interface StateRowProps {
  to: string
  Icon: LucideIcon
  label: string
  /** how it stands, in a few words */
  state: string
  standing?: Standing
}

/** One thing of the account and how it stands; leads to where it is changed. */
export function StateRow({ to, Icon, label, state, standing = 'neutral' }: StateRowProps) {
  const { t } = useTranslation('security')
  const Mark = marks[standing]
  return (
    <li>
      <UnstyledButton component={Link} to={to} className={classes.row}>
        <span className={classes.picture}>
          <Icon aria-hidden size={18} />
        </span>
        <span style={{ flex: 1 }}>
          <Text component="span" fw={600} display="block">
            {label}
          </Text>
          <Text component="span" size="sm" c="dimmed" display="block">
            {state}
          </Text>
        </span>
        {Mark ? (
          <span className={`${classes.mark} ${classes[standing]}`}>
            <Mark aria-hidden size={20} />
            <VisuallyHidden>{t(`state.${standing}`)}</VisuallyHidden>
          </span>
        ) : null}
        <ChevronRight aria-hidden size={18} className={classes.neutral} />
      </UnstyledButton>
    </li>
  )
}
