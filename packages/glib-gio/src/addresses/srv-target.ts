// One host that runs a service. Made by Resolver.lookupService. Upstream: glib/gio/gsrvtarget.c. RFC 2782.

/** Immutable. */
export class SrvTarget {
  readonly hostname: string
  readonly port: number
  /** Lower is tried first. */
  readonly priority: number
  /** The share of connections among those with the same priority. */
  readonly weight: number

  constructor(hostname: string, port: number, priority: number, weight: number) {
    this.hostname = hostname
    this.port = port
    this.priority = priority
    this.weight = weight
  }

  /**
   * The targets in the order in which they are to be tried: by priority, and by lot where that is the same, weighted. A
   * single target '.' means that the domain does not offer the service: then there are none.
   *
   * @param random From 0 to below 1.
   */
  static listSort(targets: readonly SrvTarget[], random: () => number = Math.random): SrvTarget[] {
    if (targets.length === 1 && targets[0]?.hostname === '.') return []
    const priorities = [...new Set(targets.map((target) => target.priority))].sort((a, b) => a - b)
    return priorities.flatMap((priority) =>
      drawByWeight(
        targets.filter((target) => target.priority === priority),
        random,
      ),
    )
  }
}

/** RFC 2782, "Weight": those of weight 0 stand first, so that they are drawn only when the number drawn is 0. */
function drawByWeight(targets: readonly SrvTarget[], random: () => number): SrvTarget[] {
  const urn = targets.filter((target) => target.weight === 0)
  urn.push(...targets.filter((target) => target.weight > 0))
  const drawn: SrvTarget[] = []
  while (urn.length > 0) {
    const total = urn.reduce((sum, target) => sum + target.weight, 0)
    let number = Math.floor(random() * (total + 1))
    const index = urn.findIndex((target) => (number -= target.weight) <= 0)
    drawn.push(...urn.splice(index, 1))
  }
  return drawn
}
