export function Machines() { return null }
export function Workers() { return null }
