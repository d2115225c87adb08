export { judgeDeliveries } from './bounds.ts'
export { startCarrying } from './carrying.ts'
export { carryDeliveries } from './looking.ts'
export {
  type DeliveryState,
  deliveriesUnderWay,
  deliveryBacklog,
  dropDelivery,
  listDeliveries,
  type QueuedDelivery,
  retryDelivery,
} from './queue.ts'
export { canDeliver, queueDelivery } from './queueing.ts'
export { type Ended, endedDeliveries, hasUnsettled, settleDelivery, sweepDeliveries } from './settling.ts'
