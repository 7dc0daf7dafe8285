import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { Crashed, Nowhere, Root } from './layout/Root'
import { Section } from './layout/Section'
import { lastSpace } from './session/space'

const root = createRootRoute({ component: Root, notFoundComponent: Nowhere, validateSearch: (s: Record<string, unknown>) => s })

const index = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/$space', params: { space: lastSpace() }, replace: true })
  },
})

const space = createRoute({ getParentRoute: () => root, path: '$space' })
const at = { getParentRoute: () => space } as const

const dashboard = createRoute({ ...at, path: '/', component: lazyRouteComponent(() => import('./pages/dashboard/Dashboard'), 'Dashboard') })
const start = createRoute({ ...at, path: 'start', component: lazyRouteComponent(() => import('./pages/start/Start'), 'Start') })
const tasks = createRoute({ ...at, path: 'tasks', component: lazyRouteComponent(() => import('./pages/tasks/Tasks'), 'Tasks') })
const task = createRoute({ ...at, path: 'tasks/$task', component: lazyRouteComponent(() => import('./pages/task/Task'), 'Task') })
const deployment = createRoute({ ...at, path: 'deployments/$deployment', component: lazyRouteComponent(() => import('./pages/task/Deployment'), 'Deployment') })

const projects = createRoute({ ...at, path: 'projects', component: lazyRouteComponent(() => import('./pages/project/Projects'), 'Projects') })
const project = createRoute({ ...at, path: 'projects/$project', component: lazyRouteComponent(() => import('./pages/project/Project'), 'Project') })
const of = { getParentRoute: () => project } as const
const projectPages = [
  createRoute({ ...of, path: '/', component: lazyRouteComponent(() => import('./pages/project/Overview'), 'Overview') }),
  createRoute({ ...of, path: 'process', component: lazyRouteComponent(() => import('./pages/project/Process'), 'Process') }),
  createRoute({ ...of, path: 'variables', component: lazyRouteComponent(() => import('./pages/project/Variables'), 'ProjectVariables') }),
  createRoute({ ...of, path: 'channels', component: lazyRouteComponent(() => import('./pages/project/Channels'), 'Channels') }),
  createRoute({ ...of, path: 'releases', component: lazyRouteComponent(() => import('./pages/project/Releases'), 'Releases') }),
  createRoute({ ...of, path: 'releases/new', component: lazyRouteComponent(() => import('./pages/project/NewRelease'), 'NewRelease') }),
  createRoute({ ...of, path: 'releases/$version', component: lazyRouteComponent(() => import('./pages/project/Release'), 'Release') }),
  createRoute({ ...of, path: 'releases/$version/deploy', component: lazyRouteComponent(() => import('./pages/project/Deploy'), 'Deploy') }),
  createRoute({ ...of, path: 'templates', component: lazyRouteComponent(() => import('./pages/project/Templates'), 'ProjectTemplates') }),
  createRoute({ ...of, path: 'settings', component: lazyRouteComponent(() => import('./pages/project/Settings'), 'Settings') }),
] as const

const infrastructure = createRoute({ ...at, path: 'infrastructure', component: () => <Section name="infrastructure" /> })
const under = { getParentRoute: () => infrastructure } as const
const infrastructurePages = [
  createRoute({ ...under, path: '/', component: lazyRouteComponent(() => import('./pages/infrastructure/Environments'), 'Environments') }),
  createRoute({ ...under, path: 'machines', component: lazyRouteComponent(() => import('./pages/infrastructure/Machines'), 'Machines') }),
  createRoute({ ...under, path: 'workers', component: lazyRouteComponent(() => import('./pages/infrastructure/Machines'), 'Workers') }),
  createRoute({ ...under, path: 'machines/new', component: lazyRouteComponent(() => import('./pages/infrastructure/AddMachine'), 'AddMachinePage') }),
  createRoute({ ...under, path: 'machines/$machine', component: lazyRouteComponent(() => import('./pages/infrastructure/Machine'), 'Machine') }),
  createRoute({ ...under, path: 'workers/$machine', component: lazyRouteComponent(() => import('./pages/infrastructure/Machine'), 'Worker') }),
  createRoute({ ...under, path: 'pools', component: lazyRouteComponent(() => import('./pages/infrastructure/Pools'), 'Pools') }),
  createRoute({ ...under, path: 'policies', component: lazyRouteComponent(() => import('./pages/infrastructure/Policies'), 'Policies') }),
  createRoute({ ...under, path: 'proxies', component: lazyRouteComponent(() => import('./pages/infrastructure/Proxies'), 'Proxies') }),
  createRoute({ ...under, path: 'accounts', component: lazyRouteComponent(() => import('./pages/infrastructure/Accounts'), 'Accounts') }),
] as const

const library = createRoute({ ...at, path: 'library', component: () => <Section name="library" /> })
const inside = { getParentRoute: () => library } as const
const libraryPages = [
  createRoute({ ...inside, path: '/', component: lazyRouteComponent(() => import('./pages/library/Packages'), 'Packages') }),
  createRoute({ ...inside, path: 'packages/$package', component: lazyRouteComponent(() => import('./pages/library/Package'), 'Package') }),
  createRoute({ ...inside, path: 'feeds', component: lazyRouteComponent(() => import('./pages/library/Feeds'), 'Feeds') }),
  createRoute({ ...inside, path: 'lifecycles', component: lazyRouteComponent(() => import('./pages/library/Lifecycles'), 'Lifecycles') }),
  createRoute({ ...inside, path: 'tenants', component: lazyRouteComponent(() => import('./pages/library/Tenants'), 'Tenants') }),
  createRoute({ ...inside, path: 'tenants/$tenant', component: lazyRouteComponent(() => import('./pages/library/Tenant'), 'Tenant') }),
  createRoute({ ...inside, path: 'tags', component: lazyRouteComponent(() => import('./pages/library/TagSets'), 'TagSets') }),
  createRoute({ ...inside, path: 'variables', component: lazyRouteComponent(() => import('./pages/library/VariableSets'), 'VariableSets') }),
  createRoute({ ...inside, path: 'variables/$set', component: lazyRouteComponent(() => import('./pages/library/VariableSets'), 'VariableSet') }),
] as const

const configuration = createRoute({ ...at, path: 'configuration', component: () => <Section name="configuration" /> })
const among = { getParentRoute: () => configuration } as const
const configurationPages = [
  createRoute({ ...among, path: '/', component: lazyRouteComponent(() => import('./pages/configuration/Nodes'), 'Nodes') }),
  createRoute({ ...among, path: 'users', component: lazyRouteComponent(() => import('./pages/configuration/Users'), 'Users') }),
  createRoute({ ...among, path: 'users/$user', component: lazyRouteComponent(() => import('./pages/configuration/User'), 'User') }),
  createRoute({ ...among, path: 'storage', component: lazyRouteComponent(() => import('./pages/configuration/Storage'), 'Storage') }),
  createRoute({ ...among, path: 'master-key', component: lazyRouteComponent(() => import('./pages/configuration/MasterKey'), 'MasterKey') }),
  createRoute({ ...among, path: 'teams', component: lazyRouteComponent(() => import('./pages/configuration/Teams'), 'Teams') }),
  createRoute({ ...among, path: 'teams/$team', component: lazyRouteComponent(() => import('./pages/configuration/Team'), 'Team') }),
  createRoute({ ...among, path: 'roles', component: lazyRouteComponent(() => import('./pages/configuration/Roles'), 'Roles') }),
  createRoute({ ...among, path: 'audit', component: lazyRouteComponent(() => import('./pages/configuration/Audit'), 'Audit') }),
  createRoute({ ...among, path: 'spaces', component: lazyRouteComponent(() => import('./pages/configuration/Spaces'), 'Spaces') }),
  createRoute({ ...among, path: 'spaces/$id', component: lazyRouteComponent(() => import('./pages/configuration/Space'), 'SpacePage') }),
  createRoute({ ...among, path: 'status', component: lazyRouteComponent(() => import('./pages/configuration/Status'), 'Status') }),
] as const

const tree = root.addChildren([
  index,
  space.addChildren([
    dashboard, start, tasks, task, deployment, projects,
    project.addChildren(projectPages),
    infrastructure.addChildren(infrastructurePages),
    library.addChildren(libraryPages),
    configuration.addChildren(configurationPages),
  ]),
])

export const router = createRouter({ routeTree: tree, basepath: '/app', defaultPreload: 'intent', defaultErrorComponent: Crashed, scrollRestoration: true })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
