import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** How the figures of several processes become one: their sum, or the greatest where each tells the same of the house. */
type Together = 'sum' | 'max' | 'min' | 'first'

interface Named {
  name: string
  help: string
  labels?: readonly string[]
}

type Value = [labels: Record<string, string>, value: number]

/** Makes metrics of one registry. Those with `read` are read when they are asked for, and cost nothing before. */
export function metricsOf(registry: Registry) {
  const registers = [registry]
  return {
    /** What counts up by itself elsewhere, read now and then. */
    total({ name, help, labels = [], read }: Named & { read: () => Iterable<Value> }): void {
      new Counter({
        name,
        help,
        labelNames: labels,
        registers,
        collect() {
          this.reset()
          for (const [labels, value] of read()) this.inc(labels, value)
        },
      })
    },
    level({
      name,
      help,
      labels = [],
      together,
      read,
    }: Named & { together: Together; read: () => Iterable<Value> | Promise<Iterable<Value>> }): void {
      new Gauge({
        name,
        help,
        labelNames: labels,
        registers,
        aggregator: together,
        async collect() {
          // The database may be away; all other metrics are wanted then above all.
          const values = await Promise.resolve()
            .then(read)
            .catch(() => [])
          // What is not there any more must not stand for ever.
          this.reset()
          for (const [labels, value] of values) this.set(labels, value)
        },
      })
    },
    counter: ({ name, help, labels = [] }: Named) => new Counter({ name, help, labelNames: labels, registers }),
    histogram: ({ name, help, labels = [], buckets }: Named & { buckets: number[] }) =>
      new Histogram({ name, help, labelNames: labels, buckets, registers }),
  }
}

export type Metering = ReturnType<typeof metricsOf>

/** A figure without labels. */
export const plainly = (value: number | null): Value[] => (value === null ? [] : [[{}, value]])
