export function AddMachinePage() { return null }
