// The pages of each part of the portal, in the order of their lists.
export const sections = {
  infrastructure: [
    ['/$space/infrastructure', 'Environments'],
    ['/$space/infrastructure/machines', 'Machines'],
    ['/$space/infrastructure/workers', 'Workers'],
    ['/$space/infrastructure/pools', 'Worker pools'],
    ['/$space/infrastructure/policies', 'Machine policies'],
    ['/$space/infrastructure/accounts', 'Accounts'],
    ['/$space/infrastructure/proxies', 'Proxies'],
  ],
  library: [
    ['/$space/library', 'Packages'],
    ['/$space/library/feeds', 'Feeds'],
    ['/$space/library/lifecycles', 'Lifecycles'],
    ['/$space/library/variables', 'Variable sets'],
    ['/$space/library/tenants', 'Tenants'],
    ['/$space/library/tags', 'Tag sets'],
  ],
  configuration: [
    ['/$space/configuration', 'Nodes'],
    ['/$space/configuration/storage', 'Storage'],
    ['/$space/configuration/master-key', 'Master key'],
    ['/$space/configuration/users', 'Users'],
    ['/$space/configuration/teams', 'Teams'],
    ['/$space/configuration/roles', 'Roles'],
    ['/$space/configuration/audit', 'Audit'],
    ['/$space/configuration/spaces', 'Spaces'],
    ['/$space/configuration/status', 'Server status'],
  ],
} as const
