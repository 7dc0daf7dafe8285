import { NumberInput, PasswordInput, TextInput } from '@mantine/core'
import type { Schemas } from '../../api/schema'
import { Crud } from '../../parts/Crud'

/** Ways through which the server reaches agents that it cannot reach itself. */
export function Proxies() {
  return (
    <Crud<Schemas['Proxy']>
      noun="proxies"
      title="Proxies"
      note="HTTP proxies through which the server reaches agents."
      one="proxy"
      empty="Most servers need none: agents that the server cannot reach can call it instead."
      columns={[
        ['Name', (p) => p.Name],
        ['Address', (p) => <span className="mono">{`${p.Host}:${p.Port}`}</span>],
        ['User name', (p) => p.Username],
      ]}
      fresh={() => ({ Name: '', Host: '', Port: 3128, ProxyType: 'HTTP', Username: '' })}
      form={(p, set) => (
        <>
          <TextInput label="Name" value={p.Name ?? ''} onChange={(e) => set({ Name: e.currentTarget.value })} required data-autofocus />
          <TextInput label="Host" value={p.Host ?? ''} onChange={(e) => set({ Host: e.currentTarget.value })} required />
          <NumberInput label="Port" min={1} max={65_535} value={p.Port ?? 3128} onChange={(v) => set({ Port: Number(v) })} />
          <TextInput label="User name" value={p.Username ?? ''} onChange={(e) => set({ Username: e.currentTarget.value })} autoComplete="off" />
          <PasswordInput label="Password" placeholder={p.Password?.HasValue ? 'unchanged' : ''} value={p.Password?.NewValue ?? ''} autoComplete="new-password" onChange={(e) => set({ Password: { HasValue: true, Hint: null, NewValue: e.currentTarget.value || null } })} />
        </>
      )}
    />
  )
}
