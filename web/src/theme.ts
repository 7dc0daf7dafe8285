import { Badge, Button, Checkbox, Menu, Modal, MultiSelect, NativeSelect, NumberInput, PasswordInput, Select, Switch, Table, TagsInput, TextInput, Textarea, Tooltip, createTheme } from '@mantine/core'

// White text on shade 7 and shade 7 on white have a contrast above 4.5.
export const theme = createTheme({
  primaryColor: 'sea',
  primaryShade: { light: 7, dark: 7 },
  colors: {
    sea: ['#e8f6f4', '#d3ebe8', '#a5d7d1', '#75c2b9', '#4eb0a5', '#34a598', '#259f92', '#17766c', '#0d655c', '#00564e'],
  },
  fontFamily: 'ui-sans-serif, system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace',
  defaultRadius: 'sm',
  components: {
    Button: Button.extend({ defaultProps: { size: 'xs' } }),
    TextInput: TextInput.extend({ defaultProps: { size: 'xs' } }),
    PasswordInput: PasswordInput.extend({ defaultProps: { size: 'xs', visibilityToggleButtonProps: { 'aria-label': 'Show what is typed', tabIndex: 0 } } }),
    NumberInput: NumberInput.extend({ defaultProps: { size: 'xs' } }),
    Textarea: Textarea.extend({ defaultProps: { size: 'xs' } }),
    Select: Select.extend({ defaultProps: { size: 'xs' } }),
    NativeSelect: NativeSelect.extend({ defaultProps: { size: 'xs' } }),
    // Who types a part of a name and presses Enter means what was found, and does not send the form.
    MultiSelect: MultiSelect.extend({ defaultProps: { size: 'xs', selectFirstOptionOnChange: true } }),
    TagsInput: TagsInput.extend({ defaultProps: { size: 'xs' } }),
    Checkbox: Checkbox.extend({ defaultProps: { size: 'xs' } }),
    Switch: Switch.extend({ defaultProps: { size: 'xs' } }),
    Badge: Badge.extend({ defaultProps: { size: 'sm', variant: 'light', tt: 'none' } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 5, horizontalSpacing: 'sm', fz: 'sm', highlightOnHover: true } }),
    Menu: Menu.extend({ defaultProps: { shadow: 'md' } }),
    Modal: Modal.extend({ defaultProps: { transitionProps: { duration: 100 }, closeButtonProps: { 'aria-label': 'Close' } } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 250, withArrow: true } }),
  },
})
