import { Anchor, Button, NavLink } from '@mantine/core'
import type { AnchorProps, ButtonProps, ElementProps, NavLinkProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import { forwardRef } from 'react'

// Mantine's links, with typed routes.
export const To = createLink(forwardRef<HTMLAnchorElement, AnchorProps & ElementProps<'a', keyof AnchorProps>>((props, ref) => <Anchor ref={ref} size="sm" {...props} />))
export const ButtonTo = createLink(forwardRef<HTMLAnchorElement, ButtonProps & ElementProps<'a', keyof ButtonProps>>((props, ref) => <Button component="a" ref={ref} {...props} />))
export const NavTo = createLink(forwardRef<HTMLAnchorElement, NavLinkProps & ElementProps<'a', keyof NavLinkProps>>((props, ref) => <NavLink component="a" ref={ref} py={5} {...props} />))
