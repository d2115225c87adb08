interface Person {
  name: string
  address: string
}

/** Whose address it is. A name may turn the direction of writing about: only its own, lest it hide the address behind it. */
export function Box({ name, address }: Person) {
  if (!name || name === address) return <bdi>{address}</bdi>
  return (
    <>
      <bdi>{name}</bdi> <bdi>{`<${address}>`}</bdi>
    </>
  )
}
