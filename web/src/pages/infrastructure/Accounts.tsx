import { NativeSelect, PasswordInput, TextInput, Textarea } from '@mantine/core'
import type { Schemas } from '../../api/schema'
import { Crud } from '../../parts/Crud'

type Account = Schemas['Account']
type Secret = 'Password' | 'Token' | 'SecretKey' | 'PrivateKeyFile' | 'PrivateKeyPassphrase' | 'JsonKey'

const kinds: { value: string; label: string; fields: (keyof Account & string)[]; secrets: [Secret, string][] }[] = [
  { value: 'UsernamePassword', label: 'User name and password', fields: ['Username'], secrets: [['Password', 'Password']] },
  { value: 'SshKeyPair', label: 'SSH key', fields: ['Username'], secrets: [['PrivateKeyFile', 'Private key'], ['PrivateKeyPassphrase', 'Passphrase']] },
  { value: 'Token', label: 'Token', fields: [], secrets: [['Token', 'Token']] },
  { value: 'AmazonWebServicesAccount', label: 'Amazon Web Services', fields: ['AccessKey', 'Region'], secrets: [['SecretKey', 'Secret key']] },
  { value: 'AzureServicePrincipal', label: 'Azure service principal', fields: ['SubscriptionNumber', 'ClientId', 'TenantId'], secrets: [['Password', 'Key']] },
  { value: 'GoogleCloudAccount', label: 'Google Cloud', fields: [], secrets: [['JsonKey', 'Key file (JSON, base64)']] },
]

const words: Record<string, string> = { Username: 'User name', AccessKey: 'Access key', Region: 'Region', SubscriptionNumber: 'Subscription', ClientId: 'Client ID', TenantId: 'Tenant ID' }

export function Accounts() {
  return (
    <Crud<Account>
      noun="accounts"
      title="Accounts"
      note="Credentials that steps and variables use. What is secret in them is never shown again."
      one="account"
      empty="Variables of the type of an account refer to one by its name."
      columns={[
        ['Name', (a) => a.Name],
        ['Kind', (a) => kinds.find((k) => k.value === a.AccountType)?.label ?? a.AccountType],
        ['Description', (a) => a.Description],
      ]}
      fresh={() => ({ Name: '', AccountType: 'UsernamePassword', EnvironmentIds: [], TenantIds: [], TenantTags: [] })}
      form={(a, set) => {
        const kind = kinds.find((k) => k.value === a.AccountType)
        const put = (name: string, value: unknown) => set({ [name]: value } as Partial<Account>)
        return (
          <>
            <TextInput label="Name" value={a.Name ?? ''} onChange={(e) => set({ Name: e.currentTarget.value })} required data-autofocus />
            <NativeSelect label="Kind" value={a.AccountType ?? ''} onChange={(e) => set({ AccountType: e.currentTarget.value })} data={kinds.map(({ value, label }) => ({ value, label }))} disabled={!!a.Id} />
            {kind?.fields.map((f) => <TextInput key={f} label={words[f] ?? f} value={String(a[f] ?? '')} onChange={(e) => put(f, e.currentTarget.value)} />)}
            {kind?.secrets.map(([s, label]) => {
              const value = a[s] as { HasValue?: boolean; NewValue?: string | null } | undefined
              const change = (text: string) => put(s, { HasValue: text !== '' || (value?.HasValue ?? false), NewValue: text || null })
              const about = { label, placeholder: value?.HasValue ? 'unchanged' : '', value: value?.NewValue ?? '' }
              return s === 'PrivateKeyFile' || s === 'JsonKey' ? (
                <Textarea key={s} {...about} minRows={3} autosize onChange={(e) => change(e.currentTarget.value)} />
              ) : (
                <PasswordInput key={s} {...about} autoComplete="new-password" onChange={(e) => change(e.currentTarget.value)} />
              )
            })}
            <Textarea label="Description" autosize value={a.Description ?? ''} onChange={(e) => set({ Description: e.currentTarget.value })} />
          </>
        )
      }}
    />
  )
}
