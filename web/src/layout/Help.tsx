import { Anchor, Drawer, Kbd, Stack, Table, Text } from '@mantine/core'
import { useSpaceId } from '../session/space'
import { useFocusBack } from '../parts/Dialog'
import { To } from '../parts/link'
import { places } from './keys'

const others = [
  ['/', 'search over everything'],
  ['?', 'this panel'],
  ['Alt ↑ Alt ↓', 'move a step of a process'],
  ['Ctrl S', 'save what the page edits'],
  ['↑ ↓ ← →', 'go about in the dashboard and in a log'],
  ['Enter', 'open a cell; link to a line of a log, or fold it'],
  ['f', 'follow a log'],
  ['s', 'search in a log'],
  ['Enter, Shift Enter', 'the next and the last place found in a log'],
  ['Esc', 'close what is open'],
] as const

export function Help({ close }: { close: () => void }) {
  const space = useSpaceId()
  useFocusBack()
  return (
    <Drawer opened onClose={close} returnFocus={false} position="right" title="Help" closeButtonProps={{ 'aria-label': 'Close' }} size="sm" transitionProps={{ duration: 100 }}>
      <Stack gap="sm">
        <Table>
          <Table.Tbody>
            {places.map((p) => (
              <Table.Tr key={p.key}>
                <Table.Td>
                  <Kbd>g</Kbd> <Kbd>{p.key}</Kbd>
                </Table.Td>
                <Table.Td>{p.name}</Table.Td>
              </Table.Tr>
            ))}
            {others.map(([keys, what]) => (
              <Table.Tr key={keys}>
                <Table.Td>
                  <Kbd>{keys}</Kbd>
                </Table.Td>
                <Table.Td>{what}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Text size="sm">
          New here? <To to="/$space/start" params={{ space }} onClick={close} underline="always">First steps</To> leads from nothing to a deployment.
        </Text>
        <Text size="sm">
          Whatever these pages do, a script can do: the API is described in{' '}
          <Anchor size="sm" underline="always" href="/api/swagger.json" target="_blank" rel="noreferrer">
            its OpenAPI document
          </Anchor>
          .
        </Text>
        <Text size="sm">
          <Anchor size="sm" underline="always" href="/app/licenses.md" target="_blank" rel="noreferrer">
            Licences
          </Anchor>{' '}
          of the parts that these pages are made of.
        </Text>
      </Stack>
    </Drawer>
  )
}
