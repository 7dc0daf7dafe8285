/** Which step of the guide comes next, by what is there. */
export function stepOf(have: { environment: boolean; machine: boolean; project: boolean; packaged: boolean; release: boolean }): number {
  const parts = [have.environment, have.machine, have.project, have.packaged, have.release]
  const missing = parts.indexOf(false)
  return missing < 0 ? parts.length + 1 : missing + 1
}
