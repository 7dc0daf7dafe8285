import { NativeSelect, PasswordInput, TextInput } from '@mantine/core'
import type { Schemas } from '../../api/schema'
import { Crud } from '../../parts/Crud'
import { TryFeed } from './TryFeed'

type Feed = Schemas['Feed']

const kinds = ['NuGet', 'Maven', 'Docker', 'GitHub', 'Helm', 'AwsElasticContainerRegistry', 'S3', 'ArtifactoryGeneric', 'Npm']

export function Feeds() {
  return (
    <Crud<Feed>
      noun="feeds"
      title="Feeds"
      note="Where packages come from: the server's own feed, and others."
      one="feed"
      columns={[
        ['Name', (f) => f.Name],
        ['Kind', (f) => (f.FeedType === 'BuiltIn' ? 'built in' : f.FeedType)],
        ['Address', (f) => f.FeedUri],
        ['Packages', (f) => <TryFeed feed={f} />],
      ]}
      fresh={() => ({ Name: '', FeedType: 'NuGet', FeedUri: '', DownloadAttempts: 5, DownloadRetryBackoffSeconds: 10 })}
      keep={(f) => f.FeedType === 'BuiltIn'}
      form={(f, set) => (
        <>
          <TextInput label="Name" value={f.Name ?? ''} onChange={(e) => set({ Name: e.currentTarget.value })} required data-autofocus />
          {f.FeedType !== 'BuiltIn' && (
            <>
              <NativeSelect label="Kind" value={f.FeedType ?? ''} onChange={(e) => set({ FeedType: e.currentTarget.value })} data={kinds} disabled={!!f.Id} />
              <TextInput label="Address" value={f.FeedUri ?? ''} onChange={(e) => set({ FeedUri: e.currentTarget.value })} />
              <TextInput label="User name" value={f.Username ?? ''} onChange={(e) => set({ Username: e.currentTarget.value })} autoComplete="off" />
              <PasswordInput label="Password or token" placeholder={f.Password?.HasValue ? 'unchanged' : ''} value={f.Password?.NewValue ?? ''} autoComplete="new-password" onChange={(e) => set({ Password: { HasValue: true, Hint: null, NewValue: e.currentTarget.value || null } })} />
            </>
          )}
        </>
      )}
    />
  )
}
