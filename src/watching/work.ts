import type { Context } from '#src/context.ts'
import { type Metering, plainly } from './kinds.ts'

const BUCKETS = [0.005, 0.02, 0.05, 0.1, 0.3, 1, 3, 10, 30]

/** What computes hard, and the room for large bodies. */
export function meterWork(ctx: Context, meter: Metering): void {
  const { passwords, openpgp } = ctx.workers
  meter.level({
    name: 'chatelaine_password_hashes_waiting',
    help: 'Sign-ins that wait for their password hash',
    together: 'sum',
    read: () => plainly(passwords.depth),
  })
  meter.level({
    name: 'chatelaine_password_hashes_running',
    help: 'Password hashes being computed',
    together: 'sum',
    read: () => plainly(passwords.active),
  })
  meter.level({
    name: 'chatelaine_password_hashes_width',
    help: 'Password hashes that may be computed at once',
    together: 'sum',
    read: () => plainly(passwords.width),
  })
  meter.level({
    name: 'chatelaine_openpgp_jobs_waiting',
    help: 'OpenPGP jobs that wait for a worker',
    together: 'sum',
    read: () => plainly(openpgp.load().waiting),
  })
  meter.level({
    name: 'chatelaine_openpgp_workers_busy',
    help: 'OpenPGP workers at work',
    together: 'sum',
    read: () => plainly(openpgp.load().running),
  })
  meter.level({
    name: 'chatelaine_openpgp_workers',
    help: 'OpenPGP workers that there may be',
    together: 'sum',
    read: () => plainly(openpgp.load().size),
  })
  meter.level({
    name: 'chatelaine_large_bodies_bytes',
    help: 'Large bodies in hand',
    together: 'sum',
    read: () => plainly(ctx.house.measures.tallies.largeBodies),
  })
  meter.level({
    name: 'chatelaine_large_bodies_limit_bytes',
    help: 'Large bodies that may be in hand at once',
    together: 'sum',
    read: () => plainly(ctx.config.largeBodies),
  })
  meterTimes(ctx, meter)
}

function meterTimes(ctx: Context, meter: Metering): void {
  const names = { labels: ['operation'], buckets: BUCKETS }
  const argon2 = {
    waited: meter.histogram({
      name: 'chatelaine_password_hash_wait_seconds',
      help: 'Time until the turn of a password hash came',
      buckets: BUCKETS,
    }),
    took: meter.histogram({ name: 'chatelaine_password_hash_seconds', help: 'Time for a password hash', ...names }),
  }
  const openpgp = {
    waited: meter.histogram({
      name: 'chatelaine_openpgp_wait_seconds',
      help: 'Time until a worker was free for an OpenPGP job',
      buckets: BUCKETS,
    }),
    took: meter.histogram({ name: 'chatelaine_openpgp_job_seconds', help: 'Time for an OpenPGP job', ...names }),
  }
  ctx.house.watch?.follow(({ of, name, waited, took }) => {
    if (of === 'database') return
    const { waited: wait, took: work } = of === 'argon2' ? argon2 : openpgp
    wait.observe(waited / 1000)
    work.observe({ operation: name }, took / 1000)
  })
}
