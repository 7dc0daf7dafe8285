export function Machine() { return null }
export function Worker() { return null }
