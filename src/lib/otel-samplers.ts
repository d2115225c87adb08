import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace'

const ratioOf = (argument: string | undefined): number => {
  const ratio = Number(argument ?? 1)
  return ratio >= 0 && ratio <= 1 ? ratio : 1
}

const roots: Record<string, (argument?: string) => Sampler> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (argument) => new TraceIdRatioBasedSampler(ratioOf(argument)),
}

const PARENT_BASED = 'parentbased_'

/** By the standard variables OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG; null for a name that nobody knows. */
export function samplerOf(environment: Record<string, string | undefined>): Sampler | null {
  const name = environment.OTEL_TRACES_SAMPLER || 'parentbased_always_on'
  const root = roots[name.replace(PARENT_BASED, '')]?.(environment.OTEL_TRACES_SAMPLER_ARG)
  if (!root) return null
  return name.startsWith(PARENT_BASED) ? new ParentBasedSampler({ root }) : root
}
