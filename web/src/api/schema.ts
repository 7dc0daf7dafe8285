// Written by scripts/types.mjs from the OpenAPI document of the server; run `make web-types` instead of editing it.

export type Value = string | number | boolean | undefined

export interface Schemas {
  APIKey: {
    ApiKey: {
      HasValue: boolean
      Hint: string | null
      NewValue: string | null
    }
    Created: string
    Expires: string | null
    Id: string
    LastUsed: string | null
    Purpose: string
    UserId: string
  }
  Account: {
    AccessKey: string
    AccountTestSubjectKeys: Array<string>
    AccountType: string
    ActiveDirectoryEndpointBaseUri: string
    Audience: string
    AzureEnvironment: string
    CertificateBytes: {
      HasValue: boolean
      Hint: string | null
      NewValue: string | null
    }
    CertificateThumbprint: string
    ClientId: string
    CustomClaims: Record<string, string>
    DeploymentSubjectKeys: Array<string>
    Description: string
    EnvironmentIds: Array<string>
    HealthCheckSubjectKeys: Array<string>
    Id: string
    JsonKey: {
      HasValue: boolean
      Hint: string | null
      NewValue: string | null
    }
    LastModifiedBy: string
    LastModifiedOn: string | null
    Name: string
    Password: {
      HasValue: boolean
      Hint: string | null
      NewValue: string | null
    }
    PrivateKeyFile: {
      HasValue: boolean
      Hint: string | null
      NewValue: string | null
    }
    PrivateKeyPassphrase: {
      HasValue: boolean
      Hint: string | null
      NewValue: string | null
    }
    Region: string
    ResourceManagementEndpointBaseUri: string
    RoleArn: string
    SecretKey: {
      HasValue: boolean
      Hint: string | null
      NewValue: string | null
    }
    ServiceManagementEndpointBaseUri: string
    ServiceManagementEndpointSuffix: string
    SessionDuration: string
    Slug: string
    SpaceId: string
    SubscriptionNumber: string
    TenantId: string
    TenantIds: Array<string>
    TenantTags: Array<string>
    TenantedDeploymentParticipation: string
    Token: {
      HasValue: boolean
      Hint: string | null
      NewValue: string | null
    }
    TokenLifetimeSeconds: string
    Username: string
  }
  Action: {
    ActionType: string
    CanBeUsedForProjectVersioning: boolean
    Channels: Array<string>
    Condition: string
    Container: Schemas["ProcessContainer"]
    Environments: Array<string>
    ExcludedEnvironments: Array<string>
    GitDependencies: Array<Schemas["GitDependency"]>
    Id: string
    Inputs: unknown
    IsDisabled: boolean
    IsRequired: boolean
    Links: Record<string, string>
    Name: string
    Notes: string | null
    Packages: Array<Schemas["PackageReference"]>
    Properties: Record<string, Schemas["Property"]>
    Slug: string
    StepPackageVersion: string | null
    TenantTags: Array<string>
    WorkerPoolId: string | null
    WorkerPoolVariable: string | null
  }
  ActionPackage: {
    DeploymentAction: string
    PackageReference: string
  }
  AgentDetails: {
    UpgradeAvailable: boolean
    UpgradeLocked: boolean
    UpgradeRequired: boolean
    UpgradeSuggested: boolean
    Version: string
  }
  AgentEndpoint: {
    CertificateSignatureAlgorithm: string
    CommunicationMode: string
    ProxyId: string
    Thumbprint: string
    Uri: string
  }
  Artifact: {
    Created: string
    DeploymentId: string
    EnvironmentId: string
    Filename: string
    Id: string
    LastModifiedBy: string
    LastModifiedOn: string | null
    LogCorrelationId: string | null
    ProjectId: string
    ServerTaskId: string | null
    SizeInBytes: number
    Source: string | null
    SpaceId: string
    TenantId: string
  }
  Asked: {
    Arguments: unknown
    Description: string
    Name: string
    SpaceId: string
  }
  Authentication: {
    AnyAuthenticationProvidersSupportPasswordManagement: boolean
    AuthenticationProviders: Array<Schemas["Provider"]>
    AutoLoginEnabled: boolean
  }
  ByName: {
    Variables: Array<Schemas["Named"]>
  }
  Capabilities: {
    Capabilities: Array<string>
  }
  Change: {
    BuildInformation: Array<unknown>
    Commits: Array<unknown>
    ReleaseNotes: string
    Version: string
    WorkItems: Array<unknown>
  }
  ChangeDetails: {
    Differences: Array<Schemas["Difference"]>
    DocumentContext: unknown
  }
  Channel: {
    AutomaticEphemeralEnvironmentDeployments: boolean
    CustomFieldDefinitions: Array<Schemas["FieldDefinition"]>
    Description: string
    EphemeralEnvironmentNameTemplate: string | null
    GitReferenceRules: Array<string>
    GitResourceRules: Array<Schemas["GitResourceRule"]>
    Id: string
    IsDefault: boolean
    LastModifiedBy: string
    LastModifiedOn: string | null
    LifecycleId: string | null
    Name: string
    ParentEnvironmentId: string | null
    ProjectGroupId: string
    ProjectId: string
    Rules: Array<Schemas["Rule"]>
    Slug: string
    SpaceId: string
    TenantTags: Array<string>
    Type: string
  }
  Claim: {
    IsIdentifyingClaim: boolean
    Value: string
  }
  CleanupPolicy: {
    DeleteMachinesBehavior: string
    DeleteMachinesElapsedTimeSpan: string
  }
  ClusterAccess: {
    AccountId: string
    AdminLogin: string
    AssumeRole: boolean
    AssumeRoleExternalId: string
    AssumeRoleSessionDurationSeconds: number | null
    AssumedRoleArn: string
    AssumedRoleSession: string
    AuthenticationType: string
    ClientCertificate: string
    ClusterName: string
    ClusterResourceGroup: string
    ImpersonateServiceAccount: boolean
    Project: string
    Region: string
    ServiceAccountEmails: string
    TokenPath: string
    UseInstanceRole: boolean
    UseVmServiceAccount: boolean
    Zone: string
  }
  ClusterAgent: {
    AgentVersion: string
    HelmReleaseName: string
    KubernetesNamespace: string
    TentacleVersion: string
    UpgradeStatus: string
  }
  Command: {
    ChannelName: string
    CustomFields: Record<string, string>
    GitCommit: string
    GitRef: string
    GitResources: Array<string>
    IgnoreChannelRules: boolean
    IgnoreIfAlreadyExists: boolean
    PackagePrerelease: string
    PackageVersion: string
    Packages: Array<string>
    ProjectName: string
    ReleaseNotes: string | null
    ReleaseVersion: string
    SpaceId: string
  }
  Configuration: {
    Id: string
    IncludedEnvironmentIds: Array<string>
    IncludedEnvironmentTags: Array<string>
    IncludedProjectGroupIds: Array<string>
    IncludedProjectIds: Array<string>
    IncludedProjectTags: Array<string>
    IncludedTenantIds: Array<string>
    IncludedTenantTags: Array<string>
    LastModifiedBy: string
    LastModifiedOn: string | null
    ProjectLimit: number | null
    SpaceId: string
  }
  Connection: {
    CurrentTentacleVersion: string
    Id: string
    LastChecked: string | null
    Logs: Array<Schemas["LogLine"]>
    MachineId: string
    Status: string
  }
  ConnectivityPolicy: {
    MachineConnectivityBehavior: string
  }
  Container: {
    Dockerfile: string
    FeedId: string
    GitUrl: string
    Image: string
  }
  Control: {
    Description: string
    DisplaySettings: Record<string, string>
    Label: string
    Name: string
    Required: boolean
    Type: string
  }
  Created: {
    DeploymentServerTasks: Array<Schemas["CreatedTask"]>
  }
  CreatedTask: {
    DeploymentId: string
    ServerTaskId: string
  }
  DashboardItem: {
    ChannelId: string
    CompletedTime: string | null
    Created: string
    DeploymentId: string
    Duration: string
    EnvironmentId: string
    ErrorMessage: string | null
    HasPendingInterruptions: boolean
    HasWarningsOrErrors: boolean
    Id: string
    IsCompleted: boolean
    IsCurrent: boolean
    IsPrevious: boolean
    Links: Schemas["ItemLinks"]
    PendingInterruptionTypes: Array<string>
    ProjectId: string
    QueueTime: string
    ReleaseId: string
    ReleaseVersion: string
    StartTime: string | null
    State: string
    TaskId: string
    TenantId: string | null
  }
  DashboardapiDocument: {
    Environments: Array<Schemas["DashboardapiEnvironment"]>
    Id: string
    IsFiltered: boolean
    Items: Array<Schemas["DashboardItem"]>
    ProjectGroups: Array<Schemas["DashboardapiGroup"]>
    ProjectLimit: number | null
    Projects: Array<Schemas["DashboardapiProject"]>
    Tenants: Array<Schemas["DashboardapiTenant"]>
  }
  DashboardapiEnvironment: {
    Id: string
    Links: Record<string, string>
    Name: string
  }
  DashboardapiGroup: {
    EnvironmentIds: Array<string>
    Id: string
    Links: Record<string, string>
    Name: string
  }
  DashboardapiProgression: {
    ChannelEnvironments: Record<string, Array<Schemas["DeploymentReference"]>>
    Environments: Array<Schemas["DeploymentReference"]>
    Id: string
    Releases: Array<Schemas["ReleaseProgression"]>
  }
  DashboardapiProject: {
    CanPerformUntenantedDeployment: boolean
    EnvironmentIds: Array<string>
    Id: string
    IsDisabled: boolean
    Links: Record<string, string>
    Name: string
    ProjectGroupId: string
    Slug: string
    TenantedDeploymentMode: string
  }
  DashboardapiTenant: {
    Id: string
    IsDisabled: boolean
    Links: Record<string, string>
    Name: string
    ProjectEnvironments: Record<string, Array<string>>
    TenantTags: Array<string>
  }
  Defect: {
    Description: string
    Id: string
    LastModifiedBy: string
    LastModifiedOn: string | null
    ReleaseId: string
    SpaceId: string
    Status: string
  }
  Deployment: {
    Changes: Array<Schemas["Change"]>
    ChangesMarkdown: string
    ChannelId: string
    Comments: string | null
    Created: string
    DebugMode: string
    DeployedBy: string
    DeployedById: string
    DeployedToMachineIds: Array<string>
    DeploymentProcessId: string
    EnvironmentId: string
    ExcludedMachineIds: Array<string>
    ExcludedTargetTagIds: Array<string>
    FailTargetDiscovery: boolean
    FailureEncountered: boolean
    ForcePackageDownload: boolean
    ForcePackageRedeployment: boolean
    FormValues: Record<string, string>
    Id: string
    LastModifiedBy: string
    LastModifiedOn: string | null
    ManifestVariableSetId: string
    Name: string
    Priority: string
    ProjectId: string
    Prompted: Record<string, {
      HasValue: boolean
      Hint: string | null
      NewValue: string | null
    }>
    QueueTime: string | null
    QueueTimeExpiry: string | null
    ReleaseId: string
    SkipActions: Array<string>
    SpaceId: string
    SpecificMachineIds: Array<string>
    SpecificTargetTagIds: Array<string>
    TaskId: string
    TenantId: string | null
    TentacleRetentionPeriod: Schemas["Retention"]
    UseGuidedFailure: boolean
  }
  DeploymentReference: {
    Id: string
    Name: string
  }
  DeploymentapiTemplate: {
    DeploymentNotes: string | null
    IsDeploymentProcessModified: boolean
    IsGitResourceModified: boolean
    IsLibraryVariableSetModified: boolean
    IsVariableSetModified: boolean
    PromoteTo: Array<Schemas["Promotion"]>
    TenantPromotions: Array<Schemas["TenantPromotion"]>
  }
  Description: {
    Description: string
    Id: string
    LatestVersion: string
    Name: string
  }
  Destination: {
    DestinationType: string
    DropFolderPath: string
  }
  Details: {
    ActivityLog: Schemas["Element"]
    ActivityLogs: Array<Schemas["Element"]>
    PhysicalLogSize: number
    Progress: Schemas["Progress"]
    Task: unknown
  }
  Difference: {
    op: string
    path: string
    value: unknown
  }
  Discovered: {
    Endpoint: Schemas["DiscoveredEndpoint"]
    Name: string
    Thumbprint: string
    Uri: string
  }
  DiscoveredEndpoint: {
    CommunicationStyle: string
    ProxyId: string | null
    Thumbprint: string
    Uri: string
  }
  Document: {
    Arguments: unknown
    CanRerun: boolean
    Completed: string
    CompletedTime: string | null
    Description: string
    Duration: string
    ErrorMessage: string
    EstimatedRemainingQueueDurationSeconds: number
    FinishedSuccessfully: boolean
    HasBeenPickedUpByProcessor: boolean
    HasPendingInterruptions: boolean
    HasPendingPreconditions: boolean
    HasWarningsOrErrors: boolean
    Id: string
    IsCompleted: boolean
    IsHeld: boolean
    LastUpdatedTime: string
    Name: string
    PendingInterruptionTypes: Array<string>
    PendingPreconditionTypes: Array<string>
    ProjectId: string | null
    QueueTime: string
    QueueTimeExpiry: string | null
    ServerNode: string | null
    SpaceId: string | null
    StartTime: string | null
    State: string
    WaitReason: string
  }
  DynamicTypes: {
    Id: string
    WorkerTypes: Array<string>
  }
  Element: {
    Children: Array<Schemas["Element"]>
    Ended: string | null
    Id: string
    LineCount: number
    LogElements: Array<Schemas["Line"]>
    Name: string
    ProgressMessage: string
    ProgressPercentage: number
    ShowAtSummaryLevel: boolean
    Started: string | null
    Status: string
  }
  Endpoint: {
    AadClientCredentialSecret: string
    AadCredentialType: string
    AadUserCredentialPassword: {
      HasValue: boolean
      Hint: string | null
      NewValue: string | null
    }
    AadUserCredentialUsername: string
    AccountId: string
    ApplicationsDirectory: string
    AssumeRole: boolean
    AssumeRoleExternalId: string
    AssumeRoleSessionDurationSeconds: number | null
    AssumedRoleArn: string
    AssumedRoleSession: string
    Authentication: Schemas["ClusterAccess"]
    CertificateSignatureAlgorithm: string
    CertificateStoreLocation: string
    CertificateStoreName: string
    ClientCertVariable: string
    CloudServiceName: string
    ClusterCertificate: string
    ClusterCertificatePath: string
    ClusterName: string
    ClusterUrl: string
    CommunicationStyle: string
    ConnectionEndpoint: string
    Container: Schemas["Container"]
    ContainerOptions: string
    DefaultNamespace: string
    DefaultWorkerPoolId: string
    DeploymentTargetTypeId: string
    Destination: Schemas["Destination"]
    DotNetCorePlatform: string
    Fingerprint: string
    Host: string
    Inputs: unknown
    KubernetesAgentDetails: Schemas["ClusterAgent"]
    Namespace: string
    OctopusWorkingDirectory: string
    Port: number
    ProxyId: string
    Region: string
    ResourceGroupName: string
    RunningInContainer: boolean
    SecurityMode: string
    SensitiveVariablesEncryptionPassword: {
      HasValue: boolean
      Hint: string | null
      NewValue: string | null
    }
    ServerCertThumbprint: string
    SkipTlsVerification: string
    Slot: string
    StepPackageVersion: string
    StorageAccountName: string
    SwapIfPossible: boolean
    TentacleEndpointConfiguration: Schemas["AgentEndpoint"]
    TentacleVersionDetails: Schemas["AgentDetails"]
    Thumbprint: string
    UpgradeLocked: boolean
    Uri: string
    UseCurrentInstanceCount: boolean
    UseInstanceRole: boolean | null
    WebAppName: string
    WebAppSlotName: string
  }
  Environment: {
    AllowDynamicInfrastructure: boolean
    Description: string
    EnvironmentTags: Array<string>
    ExtensionSettings: Array<Schemas["ExtensionSetting"]>
    Id: string
    LastModifiedBy: string
    LastModifiedOn: string | null
    Name: string
    Slug: string
    SortOrder: number
    SpaceId: string
    UseGuidedFailure: boolean
  }
  EnvironmentSummary: {
    Environment: unknown
    MachineEndpointSummaries: Record<string, number>
    MachineHealthStatusSummaries: Record<string, number>
    MachineIdsForCalamariUpgrade: Array<string>
    MachineIdsForTentacleUpgrade: Array<string>
    MachineTenantSummaries: Record<string, number>
    MachineTenantTagSummaries: Record<string, number>
    TentacleUpgradesRequired: boolean
    TotalDisabledMachines: number
    TotalMachines: number
  }
  EnvironmentsSummary: {
    EnvironmentSummaries: Array<Schemas["EnvironmentSummary"]>
    MachineEndpointSummaries: Record<string, number>
    MachineHealthStatusSummaries: Record<string, number>
    MachineIdsForCalamariUpgrade: Array<string>
    MachineIdsForTentacleUpgrade: Array<string>
    MachineTenantSummaries: Record<string, number>
    MachineTenantTagSummaries: Record<string, number>
    TentacleUpgradesRequired: boolean
    TotalDisabledMachines: number
    TotalMachines: number
  }
  Event: {
    Category: string
    ChangeDetails: Schemas["ChangeDetails"]
    Comments: string
    Details: string
    Id: string
    IdentityEstablishedWith: string
    IpAddress: string
    IsService: boolean
    Message: string
    MessageHtml: string
    MessageReferences: Array<Schemas["Reference"]>
    Occurred: string
    RelatedDocumentIds: Array<string>
    SpaceId: string | null
    UserAgent: string
    UserId: string
    Username: string
  }
  ExtensionSetting: {
    ExtensionId: string
    Values: unknown
  }
  Failure: {
    ErrorMessage: string
    Errors: Array<string>
    FullException: string | null
    HelpLink: string | null
    HelpText: string | null
    ParsedHelpLinks: Array<string>
    RequestId: string
  }
  Feed: {
    AccessKey: string
    ApiVersion: string
    DeletePackagesAssociatedWithReleases: boolean | null
    DeleteUnreleasedPackagesAfterDays: number | null
    DownloadAttempts: number
    DownloadRetryBackoffSeconds: number
    EnhancedMode: boolean
    FeedType: string
    FeedUri: string
    Id: string
    IsBuiltInRepoSyncEnabled: boolean
    LastModifiedBy: string
    LastModifiedOn: string | null
    LayoutRegex: string
    Name: string
    OidcAuthentication: Schemas["Oidc"]
    PackageAcquisitionLocationOptions: Array<string>
    Password: {
      HasValue: boolean
      Hint: string | null
      NewValue: string | null
    }
    Project: string
    Region: string
    RegistryPath: string
    Repository: string
    SecretKey: {
      HasValue: boolean
      Hint: string | null
      NewValue: string | null
    }
    ServiceAccountJsonKey: {
      HasValue: boolean
      Hint: string | null
      NewValue: string | null
    }
    Slug: string
    SpaceId: string
    UseMachineCredentials: boolean
    UseServiceAccountKey: boolean
    Username: string
  }
  FieldDefinition: {
    Description: string
    FieldName: string
  }
  Form: {
    Elements: Array<Schemas["FormElement"]>
    Values: Record<string, string>
  }
  FormElement: {
    Control: Schemas["Control"]
    IsValueRequired: boolean
    Name: string
  }
  Found: {
    Id: string
    Name: string
    Type: string
  }
  GitDependency: {
    DefaultBranch: string
    FilePathFilters: Array<string>
    GitCredentialId: string | null
    GitCredentialType: string
    GitHubConnectionId: string | null
    Name: string
    RepositoryUri: string
    StepPackageInputsReferenceId: string | null
  }
  GitDependencyAction: {
    DeploymentActionSlug: string
    GitDependencyName: string
  }
  GitReference: {
    GitCommit: string | null
    GitRef: string | null
    VariablesGitCommit: string | null
  }
  GitResourceRule: {
    GitDependencyActions: Array<Schemas["GitDependencyAction"]>
    Id: string
    Rules: Array<string>
  }
  Group: {
    EventCategories: Array<string>
    Id: string
    Name: string
  }
  Health: {
    Description: string
    IsCompliantWithLicense: boolean
    IsEntireClusterDrainingTasks: boolean
    IsEntireClusterReadOnly: boolean
    IsOperatingNormally: boolean
  }
  HealthCheckPolicy: {
    BashHealthCheckPolicy: Schemas["ScriptPolicy"]
    HealthCheckCron: string | null
    HealthCheckCronTimezone: string
    HealthCheckInterval: string | null
    HealthCheckType: string
    PowerShellHealthCheckPolicy: Schemas["ScriptPolicy"]
    SshEndpointHealthCheckPolicy: Schemas["ScriptPolicy"]
    TentacleEndpointHealthCheckPolicy: Schemas["ScriptPolicy"]
  }
  Icon: {
    Color: string
    Id: string
  }
  Identity: {
    Claims: Record<string, Schemas["Claim"]>
    IdentityProviderName: string
  }
  Item: {
    Id: string
    Name: string
  }
  ItemLinks: {
    Release: string
    Self: string
    Task: string
    Tenant: string
  }
  Judgement: {
    Reason: string
    State: string
  }
  KeyCheck: {
    At: string
    By: string
    IsCurrent: boolean
    KeyId: string
  }
  KeyCopy: {
    Key: string
  }
  KeyHolder: {
    IsOnline: boolean
    KeyId: string
    Node: string
    Origin: string
    Problem: string
  }
  Kind: {
    Id: string
    Links: Record<string, string>
    Name: string
  }
  LibrarySet: {
    ContentType: string
    Description: string
    Id: string
    LastModifiedBy: string
    LastModifiedOn: string | null
    Name: string
    SpaceId: string
    Templates: Array<Schemas["Template"]>
    VariableSetId: string
    Version: number
  }
  LibraryValues: {
    LibraryVariableSetId: string
    LibraryVariableSetName: string
    Links: Record<string, string>
    Templates: Array<Schemas["Template"]>
    Variables: Record<string, Schemas["Property"]>
  }
  Lifecycle: {
    Description: string
    Id: string
    LastModifiedBy: string
    LastModifiedOn: string | null
    Name: string
    Phases: Array<Schemas["Phase"]>
    ReleaseRetentionPolicy: Schemas["Retention"]
    Slug: string
    SpaceId: string
    TentacleRetentionPolicy: Schemas["Retention"]
  }
  Line: {
    Category: string
    Detail: string | null
    MessageText: string
    Number: number
    OccurredAt: string | null
  }
  LogEntry: {
    Category: string
    Detail: string
    MessageText: string
    OccurredAt: string
  }
  LogLine: {
    Category: string
    MessageText: string
    OccurredAt: string
  }
  Login: {
    Password: string
    RememberMe: boolean
    State: {
      UsingSecureConnection: boolean
    }
    Username: string
  }
  Machine: {
    Architecture: string
    Endpoint: Schemas["Endpoint"]
    EnvironmentIds: Array<string>
    HasLatestCalamari: boolean
    HealthStatus: string
    Id: string
    IsDisabled: boolean
    IsInProcess: boolean
    LastModifiedBy: string
    LastModifiedOn: string | null
    MachinePolicyId: string
    Name: string
    OperatingSystem: string
    OperatingSystemVersion: string
    Roles: Array<string>
    ShellName: string
    ShellVersion: string
    SkipInitialHealthCheck: boolean
    Slug: string
    SpaceId: string
    Status: string
    StatusSummary: string
    TenantIds: Array<string>
    TenantTags: Array<string>
    TenantedDeploymentParticipation: string
    Thumbprint: string
    Uri: string
  }
  Maintenance: {
    Id: string
    IsInMaintenanceMode: boolean
  }
  MasterKey: {
    Checked: Schemas["KeyCheck"]
    Holders: Array<Schemas["KeyHolder"]>
    Id: string
    KeyId: string
    NextKeyId: string
  }
  Membership: {
    IsDirectlyAssigned: boolean
    SpaceId: string | null
    TeamId: string
    TeamName: string
    UserId: string
  }
  Missing: {
    EnvironmentId: string | null
    LibraryVariableSetId: string | null
    Links: Record<string, string>
    ProjectId: string | null
    VariableTemplateId: string
    VariableTemplateName: string
  }
  MissingOfTenant: {
    Links: Record<string, string>
    MissingVariables: Array<Schemas["Missing"]>
    TenantId: string
  }
  MissingPackage: {
    Id: string
    Version: string
  }
  Named: {
    Name: string
    OwnerId: string
  }
  NamedReference: {
    DisplayIdAndName: boolean
    DisplayName: string
    Id: string
  }
  NewAPIKey: {
    ApiKey: string
    Created: string
    Expires: string | null
    Id: string
    Purpose: string
    UserId: string
  }
  NewKey: {
    Expires: string | null
    Purpose: string
  }
  Node: {
    Id: string
    IsInMaintenanceMode: boolean
    MaxConcurrentTasks: number
    Name: string
  }
  NodeChange: {
    DrainWaitSeconds: number
    Id: string
    IsInMaintenanceMode: boolean
    MaxConcurrentTasks: number
    Name: string
  }
  NodeDetails: {
    Address: string
    Id: string
    Problem: string
    RunningTasks: number
    StartedAt: string | null
    State: string
    StaysUntil: string | null
    Version: string
  }
  NodeSummary: {
    Address: string
    Id: string
    IsInMaintenanceMode: boolean
    IsLeader: boolean
    IsOffline: boolean
    LastSeen: string | null
    MaxConcurrentTasks: number
    Name: string
    Problem: string
    Rank: string
    RunningTaskCount: number
    StartedAt: string | null
    State: string
    StaysUntil: string | null
    Version: string
  }
  Notes: {
    FeedId: string
    Notes: Schemas["NotesResult"]
    PackageId: string
    Version: string
  }
  NotesList: {
    Packages: Array<Schemas["Notes"]>
  }
  NotesResult: {
    DisplayMessage: string | null
    FailureReason: string | null
    Notes: string | null
    Succeeded: boolean
  }
  OfEnvironment: {
    HasUnauthorizedLibraryVariableSetVariables: boolean
    HasUnauthorizedProjectVariables: boolean
    VariableMap: Record<string, Record<string, number>>
  }
  Oidc: {
    Audience: string
    ClientId: string
    RoleArn: string
    SessionDuration: string
    SubjectKeys: Array<string>
    TenantId: string
  }
  OidcSettings: {
    OidcIssuerUrl: string
  }
  Package: {
    Description: string
    FeedId: string
    FileExtension: string
    Hash: string
    Id: string
    LastModifiedBy: string
    LastModifiedOn: string
    NuGetFeedId: string
    NuGetPackageId: string
    PackageId: string
    PackageSizeBytes: number
    PackageVersionBuildInformation: unknown
    Published: string
    ReleaseNotes: string | null
    Summary: string
    Title: string
    Version: string
  }
  PackageCachePolicy: {
    PackageUnit: string | null
    QuantityOfPackagesToKeep: number | null
    QuantityOfVersionsToKeep: number | null
    Strategy: string
    VersionUnit: string | null
  }
  PackageReference: {
    AcquisitionLocation: string
    FeedId: string
    Id: string
    Name: string
    PackageId: string
    Properties: Record<string, string>
    StepPackageInputsReferenceId: string | null
    Version: string | null
  }
  PermissionDescription: {
    CanApplyAtSpaceLevel: boolean
    CanApplyAtSystemLevel: boolean
    Description: string
    SupportedRestrictions: Array<string>
  }
  PermissionSet: {
    Id: string
    IsPermissionsComplete: boolean
    IsTeamsComplete: boolean
    SpacePermissions: Record<string, Array<Schemas["Restriction"]>>
    SystemPermissions: Array<string>
    Teams: Array<Schemas["TeamItem"]>
  }
  PersistenceSettings: {
    Type: string
  }
  Phase: {
    AutomaticDeploymentTargets: Array<string>
    Id: string
    IsOptionalPhase: boolean
    IsPriorityPhase: boolean
    MinimumEnvironmentsBeforePromotion: number
    Name: string
    OptionalDeploymentTargets: Array<string>
    ReleaseRetentionPolicy: Schemas["Retention"]
    TentacleRetentionPolicy: Schemas["Retention"]
  }
  PhaseDeployment: {
    Deployment: unknown
    Task: unknown
  }
  PhaseProgression: {
    AutomaticDeploymentTargets: Array<string>
    Blocked: boolean
    Deployments: Array<Schemas["PhaseDeployment"]>
    Id: string
    IsOptionalPhase: boolean
    IsPriorityPhase: boolean
    MinimumEnvironmentsBeforePromotion: number
    Name: string
    OptionalDeploymentTargets: Array<string>
    Progress: string
  }
  Policy: {
    ConnectionConnectTimeout: string
    ConnectionRetryCountLimit: number
    ConnectionRetrySleepInterval: string
    ConnectionRetryTimeLimit: string
    Description: string
    Id: string
    IsDefault: boolean
    LastModifiedBy: string
    LastModifiedOn: string | null
    MachineCleanupPolicy: Schemas["CleanupPolicy"]
    MachineConnectivityPolicy: Schemas["ConnectivityPolicy"]
    MachineHealthCheckPolicy: Schemas["HealthCheckPolicy"]
    MachinePackageCacheRetentionPolicy: Schemas["PackageCachePolicy"]
    MachineRpcCallRetryPolicy: Schemas["RetryPolicy"]
    MachineUpdatePolicy: Schemas["UpdatePolicy"]
    Name: string
    PollingRequestMaximumMessageProcessingTimeout: string
    PollingRequestQueueTimeout: string
    SpaceId: string
  }
  Pong: {
    Id: string
    IsInMaintenanceMode: boolean
    MaxConcurrentTasks: number
    Name: string
    Reason: string
    State: string
  }
  Pool: {
    CanAddWorkers: boolean
    Description: string
    Id: string
    IsDefault: boolean
    LastModifiedBy: string
    LastModifiedOn: string | null
    Name: string
    Slug: string
    SortOrder: number
    SpaceId: string
    WorkerPoolType: string
    WorkerType: string
  }
  PoolSummary: {
    MachineEndpointSummaries: Record<string, number>
    MachineHealthStatusSummaries: Record<string, number>
    MachineIdsForCalamariUpgrade: Array<string>
    MachineIdsForTentacleUpgrade: Array<string>
    MachineTenantSummaries: Record<string, number>
    MachineTenantTagSummaries: Record<string, number>
    TentacleUpgradesRequired: boolean
    TotalDisabledMachines: number
    TotalMachines: number
    WorkerPool: unknown
  }
  PoolsSummary: {
    MachineEndpointSummaries: Record<string, number>
    MachineHealthStatusSummaries: Record<string, number>
    MachineIdsForCalamariUpgrade: Array<string>
    MachineIdsForTentacleUpgrade: Array<string>
    MachineTenantSummaries: Record<string, number>
    MachineTenantTagSummaries: Record<string, number>
    TentacleUpgradesRequired: boolean
    TotalDisabledMachines: number
    TotalMachines: number
    WorkerPoolSummaries: Array<Schemas["PoolSummary"]>
  }
  Preview: {
    Changes: Array<Schemas["Change"]>
    ChangesMarkdown: string
    EnvironmentId: string
    Form: Schemas["Form"]
    Links: Record<string, string>
    StepsToExecute: Array<Schemas["PreviewStep"]>
    TenantId: string
    UseGuidedFailureModeByDefault: boolean
  }
  PreviewMachine: {
    HasLatestCalamari: boolean
    HealthStatus: string
    Id: string
    Name: string
  }
  PreviewStep: {
    ActionId: string
    ActionName: string
    ActionNumber: string
    CanBeSkipped: boolean
    ExcludedMachines: Array<Schemas["DeploymentReference"]>
    HasNoApplicableMachines: boolean
    IsDisabled: boolean
    MachineNames: Array<string>
    Machines: Array<Schemas["PreviewMachine"]>
    Roles: Array<string>
    UnavailableMachines: Array<Schemas["DeploymentReference"]>
  }
  PreviewsAsked: {
    DeploymentPreviews: Array<{
      EnvironmentId: string
      TenantId: string
    }>
    IncludeDisabledSteps: boolean
  }
  Process: {
    Id: string
    LastModifiedBy: string
    LastModifiedOn: string | null
    LastSnapshotId: string | null
    ProjectId: string
    RunbookId: string
    SpaceId: string
    Steps: Array<Schemas["Step"]>
    Version: number
  }
  ProcessContainer: {
    Dockerfile: string | null
    FeedId: string | null
    GitUrl: string | null
    Image: string | null
  }
  ProcessItem: {
    Id: string
    Name: string
    ProcessType: string
  }
  Progress: {
    EstimatedTimeRemaining: string
    ProgressPercentage: number
  }
  Progression: {
    NextDeployments: Array<string>
    NextDeploymentsMinimumRequired: number
    Phases: Array<Schemas["PhaseProgression"]>
  }
  Project: {
    AllowIgnoreChannelRules: boolean | null
    AutoCreateRelease: boolean
    AutoDeployReleaseOverrides: Array<Schemas["ReleaseOverride"]>
    CancelQueuedTasks: boolean | null
    CancelRunningTasks: boolean | null
    ClonedFromProjectId: string | null
    CombineHealthAndSyncStatusInDashboardLiveStatus: boolean | null
    DefaultGuidedFailureMode: string
    DefaultPowerShellEdition: string | null
    DefaultToSkipIfAlreadyInstalled: boolean
    DeploymentChangesTemplate: string | null
    DeploymentProcessId: string
    DeprovisioningRunbookId: string | null
    Description: string
    DiscreteChannelRelease: boolean
    ExecuteDeploymentsOnEventBasedPipeline: boolean | null
    ExtensionSettings: Array<Schemas["ExtensionSetting"]>
    FailTargetDiscovery: boolean | null
    ForcePackageDownload: boolean
    Icon: Schemas["ProjectIcon"]
    Id: string
    IncludedLibraryVariableSetIds: Array<string>
    IsBadgesEnabled: boolean
    IsDisabled: boolean
    IsVersionControlled: boolean
    LastModifiedBy: string
    LastModifiedOn: string | null
    LifecycleId: string
    Name: string
    PersistenceSettings: Schemas["PersistenceSettings"]
    ProjectConnectivityPolicy: Schemas["ProjectConnectivityPolicy"]
    ProjectGroupId: string
    ProjectTags: Array<string>
    ProjectTemplateDetails: Schemas["TemplateDetails"]
    ProvisioningRunbookId: string | null
    ReleaseCreationStrategy: Schemas["ReleaseCreationStrategy"]
    ReleaseNotesTemplate: string | null
    RetainTenantConnections: boolean
    Slug: string
    SpaceId: string
    Templates: Array<Schemas["Template"]>
    TenantedDeploymentMode: string
    VariableSetId: string
    VersioningStrategy: Schemas["VersioningStrategy"]
  }
  ProjectConnectivityPolicy: {
    AllowDeploymentsToNoTargets: boolean
    ExcludeUnhealthyTargets: boolean
    SkipMachineBehavior: string
    TargetRoles: Array<string>
  }
  ProjectGroup: {
    Description: string
    EnvironmentIds: Array<string>
    Id: string
    LastModifiedBy: string
    LastModifiedOn: string | null
    Name: string
    RetentionPolicyId: string | null
    Slug: string
    SpaceId: string
  }
  ProjectIcon: {
    Color: string
    Id: string
  }
  ProjectValues: {
    Links: Record<string, string>
    ProjectId: string
    ProjectName: string
    Templates: Array<Schemas["Template"]>
    Variables: Record<string, Record<string, Schemas["Property"]>>
  }
  ProjectapiSummary: {
    HasDeploymentProcess: boolean
    HasRunbooks: boolean
    Id: string
    IsDisabled: boolean
    IsVersionControlled: boolean
    Name: string
    ProjectId: string
    Slug: string
  }
  ProjectapiTemplate: {
    DeploymentProcessId: string
    GitResources: Array<Schemas["TemplateGitResource"]>
    LastReleaseVersion: string | null
    NextVersionIncrement: string | null
    Packages: Array<Schemas["TemplatePackage"]>
    VersioningPackageReferenceName: string | null
    VersioningPackageStepName: string | null
  }
  Promotion: {
    Id: string
    Links: Record<string, string>
    Name: string
  }
  Prompt: {
    Description: string
    DisplaySettings: Record<string, string>
    Label: string
    Required: boolean
  }
  Property: string | { HasValue: boolean; NewValue: string | null; Hint: string | null }
  Provider: {
    CSSLinks: Array<string>
    FormsLoginEnabled: boolean
    IdentityType: string
    JavascriptLinks: Array<string>
    Links: Record<string, string>
    Name: string
  }
  Proxy: {
    Host: string
    Id: string
    LastModifiedBy: string
    LastModifiedOn: string | null
    Name: string
    Password: {
      HasValue: boolean
      Hint: string | null
      NewValue: string | null
    }
    Port: number
    ProxyType: string
    SpaceId: string
    Username: string
  }
  Queue: {
    IsPaused: boolean
  }
  Reference: {
    Length: number
    ReferencedDocumentId: string
    StartIndex: number
  }
  Release: {
    Assembled: string
    BuildInformation: Array<unknown>
    ChannelId: string
    CustomFields: Record<string, string>
    Id: string
    IgnoreChannelRules: boolean
    LastModifiedBy: string
    LastModifiedOn: string | null
    LibraryVariableSetSnapshotIds: Array<string>
    ProjectDeploymentProcessSnapshotId: string
    ProjectId: string
    ProjectVariableSetSnapshotId: string
    ReleaseNotes: string | null
    SelectedGitResources: Array<Schemas["SelectedGitResource"]>
    SelectedPackages: Array<Schemas["SelectedPackage"]>
    SpaceId: string
    Version: string
    VersionControlReference: Schemas["GitReference"]
  }
  ReleaseCreationStrategy: {
    ChannelId: string | null
    ReleaseCreationPackage: Schemas["ActionPackage"]
    ReleaseCreationPackageStepId: string | null
  }
  ReleaseOverride: {
    EnvironmentId: string
    ReleaseId: string
    TenantId: string | null
  }
  ReleaseProgression: {
    Channel: unknown
    Deployments: Record<string, Array<Schemas["DashboardItem"]>>
    HasUnresolvedDefect: boolean
    NextDeployments: Array<string>
    Release: unknown
    ReleaseRetentionPeriod: Schemas["Retention"]
    TentacleRetentionPeriod: Schemas["Retention"]
  }
  ReleaseapiCreated: {
    AutomaticallyDeployedEnvironments: string
    ReleaseId: string
    ReleaseVersion: string
  }
  ReleaseapiMissing: {
    Packages: Array<Schemas["MissingPackage"]>
  }
  Restriction: {
    RestrictedToEnvironmentIds: Array<string>
    RestrictedToProjectGroupIds: Array<string>
    RestrictedToProjectIds: Array<string>
    RestrictedToTenantIds: Array<string>
    SpaceId: string
  }
  Retention: {
    QuantityToKeep: number
    ShouldKeepForever: boolean
    Strategy: string
    Unit: string
  }
  RetryPolicy: {
    Enabled: boolean
    HealthCheckRetryDuration: string
    RetryDuration: string
  }
  Root: {
    ApiVersion: string
    Application: string
    HasLongTermSupport: boolean
    InstallationId: string
    IsEarlyAccessProgram: boolean
    Version: string
  }
  Rule: {
    ActionPackages: Array<Schemas["ActionPackage"]>
    Actions: Array<string>
    Id: string
    Links: Record<string, string>
    Tag: string
    VersionRange: string
    VersionTagRegex: string
    VersioningStrategy: string | null
  }
  RuleTest: {
    FeedType: string
    PreReleaseTag: string
    Version: string
    VersionRange: string
  }
  RuleTested: {
    Errors: Array<string>
    SatisfiesPreReleaseTag: boolean
    SatisfiesVersionRange: boolean
  }
  ScopeValues: {
    Actions: Array<Schemas["Item"]>
    Channels: Array<Schemas["Item"]>
    Environments: Array<Schemas["Item"]>
    Machines: Array<Schemas["Item"]>
    Processes: Array<Schemas["ProcessItem"]>
    Roles: Array<Schemas["Item"]>
    TenantTags: Array<Schemas["Item"]>
  }
  ScopedUserRole: {
    EnvironmentIds: Array<string>
    Id: string
    LastModifiedBy: string
    LastModifiedOn: string | null
    ProjectGroupIds: Array<string>
    ProjectIds: Array<string>
    SpaceId: string | null
    TeamId: string
    TenantIds: Array<string>
    UserRoleId: string
  }
  ScriptPolicy: {
    RunType: string
    ScriptBody: string | null
  }
  Search: {
    Found: Array<Schemas["Spot"]>
    Next: Schemas["Spot"]
  }
  Section: {
    Description: string
    Id: string
    Name: string
  }
  SelectedGitResource: {
    ActionName: string
    GitReferenceResource: Schemas["GitReference"]
    GitResourceReferenceName: string
  }
  SelectedPackage: {
    ActionName: string
    PackageReferenceName: string
    StepName: string
    Version: string
  }
  Set: {
    Id: string
    LastModifiedBy: string
    LastModifiedOn: string | null
    OwnerId: string
    SpaceId: string
    Variables: Array<Schemas["Variable"]>
    Version: number
  }
  Setting: {
    Name: string
    Origin: string
    Value: string
  }
  Settings: {
    CancelQueuedTasks: boolean
    CancelRunningTasks: boolean
    ConnectivityPolicy: Schemas["ProjectConnectivityPolicy"]
    DefaultGuidedFailureMode: string
    DefaultToSkipIfAlreadyInstalled: boolean
    DeploymentChangesTemplate: string | null
    FailTargetDiscovery: boolean
    ForcePackageDownload: boolean
    Id: string
    LastModifiedBy: string
    LastModifiedOn: string | null
    ProjectId: string
    ReleaseNotesTemplate: string | null
    SpaceId: string
    VersioningStrategy: Schemas["VersioningStrategy"]
  }
  Shown: {
    AllowDynamicInfrastructure: boolean
    Description: string
    EnvironmentTags: Array<string>
    ExtensionSettings: Array<Schemas["ExtensionSetting"]>
    Id: string
    LastModifiedBy: string
    LastModifiedOn: string | null
    Name: string
    ParentEnvironmentId: string | null
    Slug: string
    SortOrder: number
    SpaceId: string
    Type: string
    UseGuidedFailure: boolean
  }
  ShownCertificate: {
    Id: string
    Name: string
    SignatureAlgorithm: string
    Thumbprint: string
  }
  SignInSettings: {
    ApiKeyDefaultExpiryDays: number | null
    ApiKeyMaxExpiryDays: number | null
    AutoLoginEnabled: boolean
    CookieDomain: string
    Id: string
    IsSelfServiceIdentityEditingEnabled: boolean
    MaximumSessionDurationInSeconds: number
    OidcConfigurationSettings: Schemas["OidcSettings"]
    RememberMeEnabled: boolean
    SessionTimeoutInSeconds: number
    TrustedRedirectUrls: Array<string>
    UserApiKeysEnabled: boolean
  }
  Signature: {
    BaseVersion: string
    Signature: Array<number>
  }
  Space: {
    Description: string
    Icon: Schemas["Icon"]
    Id: string
    IsDefault: boolean
    IsPrivate: boolean
    LastModifiedBy: string
    LastModifiedOn: string | null
    Name: string
    Slug: string
    SpaceManagersTeamMembers: Array<string>
    SpaceManagersTeams: Array<string>
    TaskQueueStopped: boolean
  }
  SpaceRetention: {
    Id: string
    LastModifiedBy: string
    LastModifiedOn: string | null
    Name: string
    QuantityToKeep: number | null
    RetentionType: string
    SpaceId: string
    Strategy: string
    Unit: string | null
  }
  Spot: {
    BlockId: string
    Line: number
  }
  Stats: {
    TotalPackages: number
  }
  Status: {
    IsDatabaseEncrypted: boolean
    IsInMaintenanceMode: boolean
    IsMajorMinorUpgrade: boolean
    IsPotentialClone: boolean
    IsUpgradeAvailable: boolean
    MaintenanceExpires: string | null
    MaximumAvailableVersion: string | null
    MaximumAvailableVersionCoveredByLicense: string | null
  }
  Step: {
    Actions: Array<Schemas["Action"]>
    Condition: string
    Id: string
    Name: string
    PackageRequirement: string
    Properties: Record<string, Schemas["Property"]>
    RequiresPackagesToBeAcquired: boolean
    Slug: string
    StartTrigger: string
  }
  Storage: {
    Artifacts: string
    ClusterShared: string
    EventExports: string
    Id: string
    Imports: string
    Move: Schemas["StorageMove"]
    NugetRepository: string
    Problems: Array<Schemas["StorageProblem"]>
    TaskLogs: string
  }
  StorageMove: {
    From: string
    Phase: string
    Place: string
    To: string
  }
  StorageProblem: {
    Kind: string
    Location: string
    Message: string
    Node: string
    NodeID: string
  }
  Summary: {
    Nodes: Array<Schemas["NodeSummary"]>
  }
  SupportedTypes: {
    Id: string
    SupportedPoolTypes: Array<string>
  }
  SystemInfo: {
    ClrVersion: string
    OSVersion: string
    ThreadCount: number
    Uptime: string
    Version: string
    WorkingSetBytes: number
  }
  Tag: {
    CanonicalTagName: string
    Color: string
    Description: string
    Id: string
    Name: string
    SortOrder: number
  }
  TagSet: {
    Description: string
    Id: string
    IsSystem: boolean
    LastModifiedBy: string
    LastModifiedOn: string | null
    Name: string
    Scopes: Array<string>
    SortOrder: number
    SpaceId: string
    Tags: Array<Schemas["Tag"]>
    Type: string
  }
  TagTest: {
    IsMatched: boolean
    MissingTags: Array<string>
    NonMatchedTags: Array<string>
  }
  TargetUsage: {
    TargetId: string
    TargetName: string
  }
  Team: {
    CanBeDeleted: boolean
    CanBeRenamed: boolean
    CanChangeMembers: boolean
    CanChangeRoles: boolean
    Description: string
    ExternalSecurityGroups: Array<Schemas["NamedReference"]>
    Id: string
    LastModifiedBy: string
    LastModifiedOn: string | null
    MemberUserIds: Array<string>
    Name: string
    Slug: string
    SpaceId: string | null
  }
  TeamItem: {
    ExternalGroupNames: Array<string>
    ExternalSecurityGroups: Array<Schemas["NamedReference"]>
    Id: string
    IsDirectlyAssigned: boolean
    Name: string
    SpaceId: string | null
  }
  Template: {
    DefaultValue: Schemas["Property"]
    DisplaySettings: Record<string, string>
    HelpText: string
    Id: string
    Label: string
    Name: string
  }
  TemplateDetails: {
    IsShared: boolean
    Slug: string
    VersionMask: string
  }
  TemplateGitResource: {
    ActionName: string
    DefaultBranch: string
    FilePathFilters: Array<string>
    GitCredentialId: string | null
    GitHubConnectionId: string | null
    GitResourceSelectedLastRelease: Record<string, unknown> | null
    IsResolvable: boolean
    Name: string
    RepositoryUri: string
  }
  TemplatePackage: {
    ActionName: string
    FeedId: string
    FeedName: string
    FixedVersion: string | null
    IsResolvable: boolean
    NuGetFeedId: string
    NuGetFeedName: string
    NuGetPackageId: string
    PackageId: string
    PackageReferenceName: string
    ProjectName: string | null
    StepName: string
    VersionSelectedLastRelease: string | null
  }
  Tenant: {
    ClonedFromTenantId: string | null
    Description: string
    Icon: Schemas["TenantIcon"]
    Id: string
    IsDisabled: boolean
    LastModifiedBy: string
    LastModifiedOn: string | null
    Name: string
    ProjectEnvironments: Record<string, Array<string>>
    Slug: string
    SpaceId: string
    TenantTags: Array<string>
  }
  TenantIcon: {
    Color: string
    Id: string
  }
  TenantPromotion: {
    Id: string
    Links: Record<string, string>
    Name: string
    PromoteTo: Array<Schemas["Promotion"]>
  }
  TenantValue: {
    Id: string
    LibraryVariableSetId: string | null
    LibraryVariableSetName: string | null
    ProjectId: string | null
    ProjectName: string | null
    Scope: Schemas["ValueScope"]
    Template: Schemas["Template"]
    TemplateId: string
    Value: Schemas["Property"]
  }
  TenantValueList: {
    MissingVariables: Array<Schemas["TenantValue"]>
    SpaceId: string
    TenantId: string
    Variables: Array<Schemas["TenantValue"]>
  }
  TenantVariables: {
    ConcurrencyToken: string
    Id: string
    LibraryVariables: Record<string, Schemas["LibraryValues"]>
    Links: Record<string, string>
    ProjectVariables: Record<string, Schemas["ProjectValues"]>
    SpaceId: string
    TenantId: string
    TenantName: string
  }
  TenantapiStatus: {
    Enabled: boolean
  }
  Tenanted: {
    Comments: string | null
    DeploymentFreezeNames: Array<string>
    DeploymentFreezeOverrideReason: string | null
    EnvironmentName: string
    ExcludedMachineNames: Array<string>
    ExcludedTargetTagNames: Array<string>
    ForcePackageDownload: boolean
    ForcePackageRedeployment: boolean
    NoRunAfter: string | null
    Priority: string
    ProjectName: string
    ReleaseVersion: string
    RunAt: string | null
    SkipStepNames: Array<string>
    SpaceId: string
    SpecificMachineNames: Array<string>
    SpecificTargetTagNames: Array<string>
    TenantTags: Array<string>
    Tenants: Array<string>
    UpdateVariableSnapshot: boolean
    UseGuidedFailure: boolean | null
    Variables: Record<string, string>
  }
  Texts: {
    Description: string | null
    ReleaseNotes: string | null
    Summary: string | null
    Title: string | null
  }
  Toggle: {
    IsEnabled: boolean
    Name: string
  }
  Toggles: {
    FeatureToggles: Array<Schemas["Toggle"]>
  }
  Untenanted: {
    Comments: string | null
    DeploymentFreezeNames: Array<string>
    DeploymentFreezeOverrideReason: string | null
    EnvironmentNames: Array<string>
    ExcludedMachineNames: Array<string>
    ExcludedTargetTagNames: Array<string>
    ForcePackageDownload: boolean
    ForcePackageRedeployment: boolean
    NoRunAfter: string | null
    Priority: string
    ProjectName: string
    ReleaseVersion: string
    RunAt: string | null
    SkipStepNames: Array<string>
    SpaceId: string
    SpecificMachineNames: Array<string>
    SpecificTargetTagNames: Array<string>
    UpdateVariableSnapshot: boolean
    UseGuidedFailure: boolean | null
    Variables: Record<string, string>
  }
  UpdatePolicy: {
    CalamariUpdateBehavior: string
    KubernetesAgentUpdateBehavior: string
    TentacleUpdateAccountId: string | null
    TentacleUpdateBehavior: string
  }
  Usage: {
    CommonTenantVariables: Array<unknown>
    DeploymentProcesses: Array<unknown>
    LibraryVariableSets: Array<unknown>
    ProjectTenantVariables: Array<unknown>
    ProjectVariableSets: Array<unknown>
    Releases: Array<unknown>
    RunbookProcesses: Array<unknown>
    RunbookSnapshots: Array<unknown>
    Targets: Array<Schemas["TargetUsage"]>
  }
  Usages: {
    CountOfProjectsUserCannotSee: number
    CountOfReleasesUserCannotSee: number
    CountOfRunbookSnapshotsUserCannotSee: number
    Id: string
    Projects: Array<Schemas["VariableapiUsage"]>
  }
  User: {
    CanPasswordBeEdited: boolean
    Created: string
    DisplayName: string
    EmailAddress: string
    Id: string
    Identities: Array<Schemas["Identity"]>
    IsActive: boolean
    IsRequestor: boolean
    IsService: boolean
    LastModifiedBy: string
    LastModifiedOn: string | null
    Password: string
    Username: string
  }
  UserRole: {
    CanBeDeleted: boolean
    Description: string
    GrantedSpacePermissions: Array<string>
    GrantedSystemPermissions: Array<string>
    Id: string
    LastModifiedBy: string
    LastModifiedOn: string | null
    Name: string
    SpacePermissionDescriptions: Array<string>
    SupportedRestrictions: Array<string>
    SystemPermissionDescriptions: Array<string>
  }
  ValueScope: {
    EnvironmentIds: Array<string>
  }
  Variable: {
    Description: string
    Id: string
    IsEditable: boolean
    IsSensitive: boolean
    Name: string
    Prompt: Schemas["Prompt"]
    Scope: Record<string, Array<string>>
    Type: string
    Value: string | null
  }
  VariableapiShown: {
    Id: string
    LastModifiedBy: string
    LastModifiedOn: string | null
    OwnerId: string
    ScopeValues: Schemas["ScopeValues"]
    SpaceId: string
    Variables: Array<Schemas["Variable"]>
    Version: number
  }
  VariableapiUsage: {
    IsCurrentlyBeingUsedInProject: boolean
    ProjectId: string
    ProjectName: string
    ProjectSlug: string
    Releases: Array<Record<string, unknown>>
    RunbookSnapshots: Array<Record<string, unknown>>
  }
  Version: {
    FeedId: string
    Id: string
    PackageId: string
    Published: string
    ReleaseNotes: string | null
    SizeBytes: number
    Title: string
    Version: string
  }
  VersioningStrategy: {
    DonorPackage: Schemas["ActionPackage"]
    DonorPackageStepId: string | null
    Template: string | null
  }
  Window: {
    BlockId: string
    From: number
    Lines: Array<Schemas["Line"]>
    Total: number
  }
  Word: {
    Id: string
    Name: string
  }
  Worker: {
    Architecture: string
    Endpoint: Schemas["Endpoint"]
    HasLatestCalamari: boolean
    HealthStatus: string
    Id: string
    IsDisabled: boolean
    IsInProcess: boolean
    LastModifiedBy: string
    LastModifiedOn: string | null
    MachinePolicyId: string
    Name: string
    OperatingSystem: string
    OperatingSystemVersion: string
    ShellName: string
    ShellVersion: string
    SkipInitialHealthCheck: boolean
    Slug: string
    SpaceId: string
    Status: string
    StatusSummary: string
    Thumbprint: string
    Uri: string
    WorkerPoolIds: Array<string>
  }
  Zone: {
    Id: string
    IsLocal: boolean
    Name: string
  }
}

export interface Operations {
  "GET /api": { query: {  }; body: unknown; answer: Schemas["Root"] }
  "GET /api/authentication": { query: {  }; body: unknown; answer: Schemas["Authentication"] }
  "GET /api/capabilities": { query: {  }; body: unknown; answer: Schemas["Capabilities"] }
  "GET /api/configuration": { query: { skip?: Value; take?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Section"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "GET /api/configuration/authentication": { query: {  }; body: unknown; answer: Schemas["Section"] }
  "GET /api/configuration/authentication/values": { query: {  }; body: unknown; answer: Schemas["SignInSettings"] }
  "PUT /api/configuration/authentication/values": { query: {  }; body: Schemas["SignInSettings"]; answer: Schemas["SignInSettings"] }
  "GET /api/configuration/certificates": { query: {  }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["ShownCertificate"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "GET /api/configuration/certificates/certificate-global": { query: {  }; body: unknown; answer: Schemas["ShownCertificate"] }
  "GET /api/configuration/certificates/certificate-global/public-cer": { query: {  }; body: unknown; answer: unknown }
  "GET /api/configuration/feature-toggles": { query: { Name?: Value }; body: unknown; answer: Schemas["Toggles"] }
  "GET /api/configuration/master-key": { query: {  }; body: unknown; answer: Schemas["MasterKey"] }
  "POST /api/configuration/master-key/check": { query: {  }; body: Schemas["KeyCopy"]; answer: Schemas["MasterKey"] }
  "GET /api/configuration/storage": { query: {  }; body: unknown; answer: Schemas["Section"] }
  "GET /api/configuration/storage/values": { query: {  }; body: unknown; answer: Schemas["Storage"] }
  "GET /api/events": { query: { skip?: Value; take?: Value; regarding?: Value; regardingAny?: Value; user?: Value; users?: Value; projects?: Value; projectGroups?: Value; environments?: Value; eventGroups?: Value; eventCategories?: Value; eventAgents?: Value; tags?: Value; tenants?: Value; from?: Value; to?: Value; internal?: Value; fromAutoId?: Value; toAutoId?: Value; documentTypes?: Value; asCsv?: Value; ids?: Value; spaces?: Value; includeSystem?: Value; excludeDifference?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Event"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "GET /api/events/agents": { query: {  }; body: unknown; answer: Array<Schemas["Word"]> }
  "GET /api/events/categories": { query: {  }; body: unknown; answer: Array<Schemas["Word"]> }
  "GET /api/events/documenttypes": { query: {  }; body: unknown; answer: Array<Schemas["Word"]> }
  "GET /api/events/groups": { query: {  }; body: unknown; answer: Array<Schemas["Group"]> }
  "GET /api/events/stream": { query: {  }; body: unknown; answer: unknown }
  "GET /api/events/{id}": { query: {  }; body: unknown; answer: Schemas["Event"] }
  "GET /api/maintenanceconfiguration": { query: {  }; body: unknown; answer: Schemas["Maintenance"] }
  "PUT /api/maintenanceconfiguration": { query: {  }; body: Schemas["Maintenance"]; answer: Schemas["Maintenance"] }
  "GET /api/octopusservernodes": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Node"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "GET /api/octopusservernodes/all": { query: {  }; body: unknown; answer: Array<Schemas["Node"]> }
  "GET /api/octopusservernodes/ping": { query: {  }; body: unknown; answer: Schemas["Pong"] }
  "GET /api/octopusservernodes/summary": { query: {  }; body: unknown; answer: Schemas["Summary"] }
  "DELETE /api/octopusservernodes/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/octopusservernodes/{id}": { query: {  }; body: unknown; answer: Schemas["Node"] }
  "PUT /api/octopusservernodes/{id}": { query: {  }; body: Schemas["NodeChange"]; answer: Schemas["Node"] }
  "GET /api/octopusservernodes/{id}/details": { query: {  }; body: unknown; answer: Schemas["NodeDetails"] }
  "GET /api/permissions/all": { query: {  }; body: unknown; answer: Record<string, Schemas["PermissionDescription"]> }
  "GET /api/scopeduserroles": { query: { skip?: Value; take?: Value; ids?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["ScopedUserRole"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/scopeduserroles": { query: {  }; body: Schemas["ScopedUserRole"]; answer: Schemas["ScopedUserRole"] }
  "DELETE /api/scopeduserroles/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/scopeduserroles/{id}": { query: {  }; body: unknown; answer: Schemas["ScopedUserRole"] }
  "PUT /api/scopeduserroles/{id}": { query: {  }; body: Schemas["ScopedUserRole"]; answer: Schemas["ScopedUserRole"] }
  "GET /api/serverstatus": { query: {  }; body: unknown; answer: Schemas["Status"] }
  "GET /api/serverstatus/counts": { query: {  }; body: unknown; answer: Record<string, unknown> }
  "GET /api/serverstatus/extensions": { query: {  }; body: unknown; answer: Array<string> }
  "GET /api/serverstatus/health": { query: {  }; body: unknown; answer: Schemas["Health"] }
  "GET /api/serverstatus/logs": { query: {  }; body: unknown; answer: Array<Schemas["LogEntry"]> }
  "GET /api/serverstatus/settings": { query: {  }; body: unknown; answer: Array<Schemas["Setting"]> }
  "GET /api/serverstatus/system-info": { query: {  }; body: unknown; answer: Schemas["SystemInfo"] }
  "GET /api/serverstatus/system-report": { query: {  }; body: unknown; answer: unknown }
  "GET /api/serverstatus/timezones": { query: {  }; body: unknown; answer: Array<Schemas["Zone"]> }
  "GET /api/spaces": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Space"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/spaces": { query: {  }; body: Schemas["Space"]; answer: Schemas["Space"] }
  "GET /api/spaces/all": { query: { ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: Array<Schemas["Space"]> }
  "DELETE /api/spaces/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/spaces/{id}": { query: {  }; body: unknown; answer: Schemas["Space"] }
  "PUT /api/spaces/{id}": { query: {  }; body: Schemas["Space"]; answer: Schemas["Space"] }
  "GET /api/spaces/{id}/search": { query: { keyword?: Value }; body: unknown; answer: Array<Schemas["Found"]> }
  "GET /api/swagger.json": { query: {  }; body: unknown; answer: unknown }
  "GET /api/tasks": { query: { skip?: Value; take?: Value; ids?: Value; active?: Value; environment?: Value; tenant?: Value; runbook?: Value; project?: Value; name?: Value; node?: Value; running?: Value; states?: Value; hasPendingInterruptions?: Value; hasWarningsOrErrors?: Value; partialName?: Value; spaces?: Value; includeSystem?: Value; fromQueueDate?: Value; toQueueDate?: Value }; body: unknown; answer: {
    IsStale: boolean
    ItemType: string
    Items: Array<Schemas["Document"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalCounts: Record<string, number>
    TotalCountsInOtherSpaces: Record<string, number>
    TotalResults: number
  } }
  "POST /api/tasks": { query: {  }; body: Schemas["Asked"]; answer: Schemas["Document"] }
  "GET /api/tasks/queue": { query: {  }; body: unknown; answer: Schemas["Queue"] }
  "PUT /api/tasks/queue": { query: {  }; body: Schemas["Queue"]; answer: Schemas["Queue"] }
  "POST /api/tasks/rerun/{id}": { query: {  }; body: unknown; answer: Schemas["Document"] }
  "GET /api/tasks/taskTypes": { query: {  }; body: unknown; answer: Array<Schemas["Kind"]> }
  "GET /api/tasks/{id}": { query: {  }; body: unknown; answer: Schemas["Document"] }
  "POST /api/tasks/{id}/cancel": { query: {  }; body: unknown; answer: Schemas["Document"] }
  "GET /api/tasks/{id}/details": { query: { verbose?: Value; tail?: Value; ranges?: Value }; body: unknown; answer: Schemas["Details"] }
  "GET /api/tasks/{id}/log": { query: { block?: Value; from?: Value; count?: Value }; body: unknown; answer: Schemas["Window"] }
  "GET /api/tasks/{id}/log/search": { query: { text?: Value; block?: Value; from?: Value; most?: Value }; body: unknown; answer: Schemas["Search"] }
  "GET /api/tasks/{id}/log/stream": { query: { lastEventId?: Value; lines?: Value }; body: unknown; answer: unknown }
  "GET /api/tasks/{id}/log/{block}": { query: { from?: Value; count?: Value }; body: unknown; answer: Schemas["Window"] }
  "POST /api/tasks/{id}/prioritize": { query: {  }; body: unknown; answer: Schemas["Document"] }
  "GET /api/tasks/{id}/queued-behind": { query: { skip?: Value; take?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Document"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    Reason: string
    TotalResults: number
  } }
  "GET /api/tasks/{id}/raw": { query: {  }; body: unknown; answer: unknown }
  "POST /api/tasks/{id}/release": { query: {  }; body: unknown; answer: Schemas["Document"] }
  "POST /api/tasks/{id}/state": { query: {  }; body: Schemas["Judgement"]; answer: Schemas["Document"] }
  "GET /api/teams": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Team"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/teams": { query: {  }; body: Schemas["Team"]; answer: Schemas["Team"] }
  "GET /api/teams/all": { query: { ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: Array<Schemas["Team"]> }
  "DELETE /api/teams/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/teams/{id}": { query: {  }; body: unknown; answer: Schemas["Team"] }
  "PUT /api/teams/{id}": { query: {  }; body: Schemas["Team"]; answer: Schemas["Team"] }
  "GET /api/teams/{id}/scopeduserroles": { query: {  }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["ScopedUserRole"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "GET /api/userroles": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["UserRole"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/userroles": { query: {  }; body: Schemas["UserRole"]; answer: Schemas["UserRole"] }
  "GET /api/userroles/all": { query: { ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: Array<Schemas["UserRole"]> }
  "DELETE /api/userroles/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/userroles/{id}": { query: {  }; body: unknown; answer: Schemas["UserRole"] }
  "PUT /api/userroles/{id}": { query: {  }; body: Schemas["UserRole"]; answer: Schemas["UserRole"] }
  "GET /api/users": { query: { skip?: Value; take?: Value; ids?: Value; filter?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["User"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/users": { query: {  }; body: Schemas["User"]; answer: Schemas["User"] }
  "GET /api/users/all": { query: { ids?: Value; filter?: Value }; body: unknown; answer: Array<Schemas["User"]> }
  "GET /api/users/authentication": { query: {  }; body: unknown; answer: Schemas["Authentication"] }
  "GET /api/users/authentication/{id}": { query: {  }; body: unknown; answer: Schemas["Authentication"] }
  "POST /api/users/login": { query: {  }; body: Schemas["Login"]; answer: Schemas["User"] }
  "POST /api/users/logout": { query: {  }; body: unknown; answer: unknown }
  "GET /api/users/me": { query: {  }; body: unknown; answer: Schemas["User"] }
  "DELETE /api/users/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/users/{id}": { query: {  }; body: unknown; answer: Schemas["User"] }
  "PUT /api/users/{id}": { query: {  }; body: Schemas["User"]; answer: Schemas["User"] }
  "GET /api/users/{id}/apikeys": { query: {  }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["APIKey"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/users/{id}/apikeys": { query: {  }; body: Schemas["NewKey"]; answer: Schemas["NewAPIKey"] }
  "DELETE /api/users/{id}/apikeys/{key}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/users/{id}/apikeys/{key}": { query: {  }; body: unknown; answer: Schemas["APIKey"] }
  "GET /api/users/{id}/permissions": { query: { spaces?: Value; includeSystem?: Value }; body: unknown; answer: Schemas["PermissionSet"] }
  "GET /api/users/{id}/permissions/configuration": { query: { spaces?: Value; includeSystem?: Value }; body: unknown; answer: Schemas["PermissionSet"] }
  "POST /api/users/{id}/revoke-sessions": { query: {  }; body: unknown; answer: unknown }
  "GET /api/users/{id}/spaces": { query: {  }; body: unknown; answer: Array<Schemas["Space"]> }
  "GET /api/users/{id}/teams": { query: { spaces?: Value; includeSystem?: Value }; body: unknown; answer: Array<Schemas["TeamItem"]> }
  "GET /api/{space}": { query: {  }; body: unknown; answer: Record<string, unknown> }
  "GET /api/{space}/accounts": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value; accountType?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Account"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/accounts": { query: {  }; body: Schemas["Account"]; answer: Schemas["Account"] }
  "GET /api/{space}/accounts/all": { query: { ids?: Value; partialName?: Value; name?: Value; accountType?: Value }; body: unknown; answer: Array<Schemas["Account"]> }
  "DELETE /api/{space}/accounts/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/accounts/{id}": { query: {  }; body: unknown; answer: Schemas["Account"] }
  "PUT /api/{space}/accounts/{id}": { query: {  }; body: Schemas["Account"]; answer: Schemas["Account"] }
  "GET /api/{space}/accounts/{id}/resourceGroups": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/accounts/{id}/storageAccounts": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/accounts/{id}/usages": { query: {  }; body: unknown; answer: Schemas["Usage"] }
  "GET /api/{space}/accounts/{id}/websites": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/accounts/{id}/{resourceGroupName}/websites/{webSiteName}/slots": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/artifacts": { query: { skip?: Value; take?: Value; ids?: Value; regarding?: Value; partialName?: Value; order?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Artifact"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/artifacts": { query: {  }; body: Schemas["Artifact"]; answer: Schemas["Artifact"] }
  "GET /api/{space}/artifacts/all": { query: { ids?: Value; partialName?: Value; name?: Value; regarding?: Value }; body: unknown; answer: Array<Schemas["Artifact"]> }
  "DELETE /api/{space}/artifacts/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/artifacts/{id}": { query: {  }; body: unknown; answer: Schemas["Artifact"] }
  "PUT /api/{space}/artifacts/{id}": { query: {  }; body: Schemas["Artifact"]; answer: Schemas["Artifact"] }
  "GET /api/{space}/artifacts/{id}/content": { query: {  }; body: unknown; answer: unknown }
  "PUT /api/{space}/artifacts/{id}/content": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/certificates/certificate-global": { query: {  }; body: unknown; answer: Schemas["ShownCertificate"] }
  "GET /api/{space}/channels": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value; projectId?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Channel"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/channels": { query: {  }; body: Schemas["Channel"]; answer: Schemas["Channel"] }
  "GET /api/{space}/channels/all": { query: { ids?: Value; partialName?: Value; name?: Value; projectId?: Value }; body: unknown; answer: Array<Schemas["Channel"]> }
  "GET /api/{space}/channels/rule-test": { query: { version?: Value; versionRange?: Value; preReleaseTag?: Value; feedType?: Value; feedId?: Value; projectId?: Value; actions?: Value }; body: unknown; answer: Schemas["RuleTested"] }
  "POST /api/{space}/channels/rule-test": { query: {  }; body: Schemas["RuleTest"]; answer: Schemas["RuleTested"] }
  "GET /api/{space}/channels/{channel}/releases": { query: { skip?: Value; take?: Value; searchByVersion?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Release"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "DELETE /api/{space}/channels/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/channels/{id}": { query: {  }; body: unknown; answer: Schemas["Channel"] }
  "PUT /api/{space}/channels/{id}": { query: {  }; body: Schemas["Channel"]; answer: Schemas["Channel"] }
  "GET /api/{space}/dashboard": { query: { projectId?: Value; releaseId?: Value; selectedTenants?: Value; selectedTags?: Value; showAll?: Value; highestLatestVersionPerProjectAndEnvironment?: Value }; body: unknown; answer: Schemas["DashboardapiDocument"] }
  "GET /api/{space}/dashboard/dynamic": { query: { projects?: Value; environments?: Value; includePrevious?: Value; firstProjects?: Value; firstEnvironments?: Value }; body: unknown; answer: Schemas["DashboardapiDocument"] }
  "GET /api/{space}/dashboardconfiguration": { query: {  }; body: unknown; answer: Schemas["Configuration"] }
  "PUT /api/{space}/dashboardconfiguration": { query: {  }; body: Schemas["Configuration"]; answer: Schemas["Configuration"] }
  "GET /api/{space}/deploymentprocesses": { query: { skip?: Value; take?: Value; ids?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Process"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "GET /api/{space}/deploymentprocesses/all": { query: { ids?: Value }; body: unknown; answer: Array<Schemas["Process"]> }
  "GET /api/{space}/deploymentprocesses/{process}": { query: {  }; body: unknown; answer: Schemas["Process"] }
  "PUT /api/{space}/deploymentprocesses/{process}": { query: {  }; body: Schemas["Process"]; answer: Schemas["Process"] }
  "GET /api/{space}/deploymentprocesses/{process}/template": { query: { channel?: Value; releaseId?: Value }; body: unknown; answer: Schemas["ProjectapiTemplate"] }
  "GET /api/{space}/deployments": { query: { skip?: Value; take?: Value; ids?: Value; projects?: Value; environments?: Value; tenants?: Value; channels?: Value; taskState?: Value; partialName?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Deployment"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/deployments": { query: {  }; body: Schemas["Deployment"]; answer: Schemas["Deployment"] }
  "POST /api/{space}/deployments/create/tenanted/v1": { query: {  }; body: Schemas["Tenanted"]; answer: Schemas["Created"] }
  "POST /api/{space}/deployments/create/untenanted/v1": { query: {  }; body: Schemas["Untenanted"]; answer: Schemas["Created"] }
  "DELETE /api/{space}/deployments/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/deployments/{id}": { query: {  }; body: unknown; answer: Schemas["Deployment"] }
  "GET /api/{space}/deploymentsettings/{id}": { query: {  }; body: unknown; answer: Schemas["Settings"] }
  "PUT /api/{space}/deploymentsettings/{id}": { query: {  }; body: Schemas["Settings"]; answer: Schemas["Settings"] }
  "GET /api/{space}/environments": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Environment"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/environments": { query: {  }; body: Schemas["Environment"]; answer: Schemas["Environment"] }
  "GET /api/{space}/environments/all": { query: { ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: Array<Schemas["Environment"]> }
  "PUT /api/{space}/environments/sortorder": { query: {  }; body: Array<string>; answer: unknown }
  "GET /api/{space}/environments/summary": { query: { ids?: Value; partialName?: Value; machinePartialName?: Value; roles?: Value; isDisabled?: Value; healthStatuses?: Value; commStyles?: Value; tenantIds?: Value; tenantTags?: Value; hideEmptyEnvironments?: Value }; body: unknown; answer: Schemas["EnvironmentsSummary"] }
  "GET /api/{space}/environments/v2": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value; type?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Shown"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "DELETE /api/{space}/environments/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/environments/{id}": { query: {  }; body: unknown; answer: Schemas["Environment"] }
  "PUT /api/{space}/environments/{id}": { query: {  }; body: Schemas["Environment"]; answer: Schemas["Environment"] }
  "GET /api/{space}/environments/{id}/machines": { query: { skip?: Value; take?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Machine"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "GET /api/{space}/environments/{id}/singlyScopedVariableDetails": { query: {  }; body: unknown; answer: Schemas["OfEnvironment"] }
  "GET /api/{space}/events": { query: { skip?: Value; take?: Value; regarding?: Value; regardingAny?: Value; user?: Value; users?: Value; projects?: Value; projectGroups?: Value; environments?: Value; eventGroups?: Value; eventCategories?: Value; eventAgents?: Value; tags?: Value; tenants?: Value; from?: Value; to?: Value; internal?: Value; fromAutoId?: Value; toAutoId?: Value; documentTypes?: Value; asCsv?: Value; ids?: Value; spaces?: Value; includeSystem?: Value; excludeDifference?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Event"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "GET /api/{space}/events/agents": { query: {  }; body: unknown; answer: Array<Schemas["Word"]> }
  "GET /api/{space}/events/categories": { query: {  }; body: unknown; answer: Array<Schemas["Word"]> }
  "GET /api/{space}/events/documenttypes": { query: {  }; body: unknown; answer: Array<Schemas["Word"]> }
  "GET /api/{space}/events/groups": { query: {  }; body: unknown; answer: Array<Schemas["Group"]> }
  "GET /api/{space}/events/stream": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/events/{id}": { query: {  }; body: unknown; answer: Schemas["Event"] }
  "GET /api/{space}/feeds": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value; feedType?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Feed"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/feeds": { query: {  }; body: Schemas["Feed"]; answer: Schemas["Feed"] }
  "GET /api/{space}/feeds/all": { query: { ids?: Value; partialName?: Value; name?: Value; feedType?: Value }; body: unknown; answer: Array<Schemas["Feed"]> }
  "GET /api/{space}/feeds/stats": { query: {  }; body: unknown; answer: Schemas["Stats"] }
  "DELETE /api/{space}/feeds/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/feeds/{id}": { query: {  }; body: unknown; answer: Schemas["Feed"] }
  "PUT /api/{space}/feeds/{id}": { query: {  }; body: Schemas["Feed"]; answer: Schemas["Feed"] }
  "GET /api/{space}/feeds/{id}/packages": { query: { packageId?: Value; partialMatch?: Value; includeMultipleVersions?: Value; includeNotes?: Value; includePreRelease?: Value; versionRange?: Value; preReleaseTag?: Value; take?: Value }; body: unknown; answer: Array<Schemas["Package"]> }
  "GET /api/{space}/feeds/{id}/packages/notes": { query: { packageId?: Value; version?: Value }; body: unknown; answer: unknown }
  "GET /api/{space}/feeds/{id}/packages/search": { query: { term?: Value; skip?: Value; take?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Description"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "GET /api/{space}/feeds/{id}/packages/versions": { query: { packageId?: Value; take?: Value; skip?: Value; includePreRelease?: Value; versionRange?: Value; preReleaseTag?: Value; filter?: Value; includeReleaseNotes?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Version"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "GET /api/{space}/libraryvariablesets": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value; contentType?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["LibrarySet"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/libraryvariablesets": { query: {  }; body: Schemas["LibrarySet"]; answer: Schemas["LibrarySet"] }
  "GET /api/{space}/libraryvariablesets/all": { query: { ids?: Value; partialName?: Value; name?: Value; contentType?: Value }; body: unknown; answer: Array<Schemas["LibrarySet"]> }
  "DELETE /api/{space}/libraryvariablesets/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/libraryvariablesets/{id}": { query: {  }; body: unknown; answer: Schemas["LibrarySet"] }
  "PUT /api/{space}/libraryvariablesets/{id}": { query: {  }; body: Schemas["LibrarySet"]; answer: Schemas["LibrarySet"] }
  "GET /api/{space}/libraryvariablesets/{id}/usages": { query: {  }; body: unknown; answer: Schemas["Usages"] }
  "GET /api/{space}/lifecycles": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Lifecycle"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/lifecycles": { query: {  }; body: Schemas["Lifecycle"]; answer: Schemas["Lifecycle"] }
  "GET /api/{space}/lifecycles/all": { query: { ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: Array<Schemas["Lifecycle"]> }
  "DELETE /api/{space}/lifecycles/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/lifecycles/{id}": { query: {  }; body: unknown; answer: Schemas["Lifecycle"] }
  "PUT /api/{space}/lifecycles/{id}": { query: {  }; body: Schemas["Lifecycle"]; answer: Schemas["Lifecycle"] }
  "GET /api/{space}/lifecycles/{id}/preview": { query: {  }; body: unknown; answer: Schemas["Lifecycle"] }
  "GET /api/{space}/lifecycles/{id}/projects": { query: {  }; body: unknown; answer: Array<Schemas["Project"]> }
  "GET /api/{space}/machinepolicies": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Policy"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/machinepolicies": { query: {  }; body: Schemas["Policy"]; answer: Schemas["Policy"] }
  "GET /api/{space}/machinepolicies/all": { query: { ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: Array<Schemas["Policy"]> }
  "GET /api/{space}/machinepolicies/template": { query: {  }; body: unknown; answer: Schemas["Policy"] }
  "DELETE /api/{space}/machinepolicies/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/machinepolicies/{id}": { query: {  }; body: unknown; answer: Schemas["Policy"] }
  "PUT /api/{space}/machinepolicies/{id}": { query: {  }; body: Schemas["Policy"]; answer: Schemas["Policy"] }
  "GET /api/{space}/machinepolicies/{id}/machines": { query: { skip?: Value; take?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Machine"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "GET /api/{space}/machinepolicies/{id}/workers": { query: { skip?: Value; take?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Worker"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "GET /api/{space}/machineroles/all": { query: {  }; body: unknown; answer: Array<string> }
  "GET /api/{space}/machines": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value; isDisabled?: Value; commStyles?: Value; thumbprint?: Value; healthStatuses?: Value; shellNames?: Value; roles?: Value; tenantIds?: Value; tenantTags?: Value; environmentIds?: Value; deploymentId?: Value; deploymentTargetTypes?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Machine"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/machines": { query: {  }; body: Schemas["Machine"]; answer: Schemas["Machine"] }
  "GET /api/{space}/machines/all": { query: { ids?: Value; partialName?: Value; name?: Value; isDisabled?: Value; commStyles?: Value; thumbprint?: Value; healthStatuses?: Value; shellNames?: Value; roles?: Value; tenantIds?: Value; tenantTags?: Value; environmentIds?: Value; deploymentId?: Value; deploymentTargetTypes?: Value }; body: unknown; answer: Array<Schemas["Machine"]> }
  "GET /api/{space}/machines/discover": { query: { host?: Value; port?: Value; type?: Value; proxyId?: Value }; body: unknown; answer: Schemas["Discovered"] }
  "GET /api/{space}/machines/operatingsystem/names/all": { query: {  }; body: unknown; answer: Array<string> }
  "GET /api/{space}/machines/operatingsystem/shells/all": { query: {  }; body: unknown; answer: Array<string> }
  "DELETE /api/{space}/machines/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/machines/{id}": { query: {  }; body: unknown; answer: Schemas["Machine"] }
  "PUT /api/{space}/machines/{id}": { query: {  }; body: Schemas["Machine"]; answer: Schemas["Machine"] }
  "GET /api/{space}/machines/{id}/connection": { query: {  }; body: unknown; answer: Schemas["Connection"] }
  "GET /api/{space}/machines/{id}/tasks": { query: { skip?: Value; take?: Value; type?: Value }; body: unknown; answer: unknown }
  "PUT /api/{space}/nuget": { query: { replace?: Value; overwriteMode?: Value }; body: unknown; answer: unknown }
  "GET /api/{space}/nuget/package/{packageId}/{version}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/nuget/v3/autocomplete": { query: { q?: Value; id?: Value; skip?: Value; take?: Value; prerelease?: Value; semVerLevel?: Value; packageType?: Value }; body: unknown; answer: unknown }
  "GET /api/{space}/nuget/v3/flat/{packageId}/index.json": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/nuget/v3/flat/{packageId}/{version}/{file}": { query: {  }; body: unknown; answer: unknown }
  "PUT /api/{space}/nuget/v3/publish": { query: { replace?: Value; overwriteMode?: Value }; body: unknown; answer: unknown }
  "DELETE /api/{space}/nuget/v3/publish/{packageId}/{version}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/nuget/v3/query": { query: { q?: Value; skip?: Value; take?: Value; prerelease?: Value; semVerLevel?: Value; packageType?: Value }; body: unknown; answer: unknown }
  "GET /api/{space}/nuget/v3/registration/{packageId}/{file}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/nuget/{function}": { query: { $filter?: Value; $orderby?: Value; $skip?: Value; $top?: Value; searchTerm?: Value; targetFramework?: Value; includePrerelease?: Value; id?: Value; semVerLevel?: Value }; body: unknown; answer: unknown }
  "GET /api/{space}/nuget/{function}/$count": { query: { $filter?: Value; $orderby?: Value; $skip?: Value; $top?: Value; searchTerm?: Value; targetFramework?: Value; includePrerelease?: Value; id?: Value; semVerLevel?: Value }; body: unknown; answer: unknown }
  "DELETE /api/{space}/nuget/{packageId}/{version}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/packages": { query: { nuGetPackageId?: Value; packageId?: Value; filter?: Value; latest?: Value; skip?: Value; take?: Value; includeNotes?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Package"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "DELETE /api/{space}/packages/bulk": { query: { ids?: Value }; body: unknown; answer: unknown }
  "GET /api/{space}/packages/notes": { query: { packageIds?: Value }; body: unknown; answer: Schemas["NotesList"] }
  "POST /api/{space}/packages/raw": { query: { fileName?: Value; replace?: Value; overwriteMode?: Value }; body: unknown; answer: Schemas["Package"] }
  "DELETE /api/{space}/packages/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/packages/{id}": { query: { includeNotes?: Value }; body: unknown; answer: Schemas["Package"] }
  "PUT /api/{space}/packages/{id}": { query: {  }; body: Schemas["Texts"]; answer: Schemas["Package"] }
  "GET /api/{space}/packages/{id}/raw": { query: {  }; body: unknown; answer: unknown }
  "POST /api/{space}/packages/{packageId}/{baseVersion}/delta": { query: { replace?: Value; overwriteMode?: Value }; body: unknown; answer: Schemas["Package"] }
  "GET /api/{space}/packages/{packageId}/{version}/delta-signature": { query: {  }; body: unknown; answer: Schemas["Signature"] }
  "GET /api/{space}/progression/{id}": { query: { aggregate?: Value; releaseHistoryCount?: Value }; body: unknown; answer: Schemas["DashboardapiProgression"] }
  "GET /api/{space}/projectgroups": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["ProjectGroup"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/projectgroups": { query: {  }; body: Schemas["ProjectGroup"]; answer: Schemas["ProjectGroup"] }
  "GET /api/{space}/projectgroups/all": { query: { ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: Array<Schemas["ProjectGroup"]> }
  "DELETE /api/{space}/projectgroups/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/projectgroups/{id}": { query: {  }; body: unknown; answer: Schemas["ProjectGroup"] }
  "PUT /api/{space}/projectgroups/{id}": { query: {  }; body: Schemas["ProjectGroup"]; answer: Schemas["ProjectGroup"] }
  "GET /api/{space}/projectgroups/{id}/projects": { query: { skip?: Value; take?: Value; partialName?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Project"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "GET /api/{space}/projects": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value; clonedFromProjectId?: Value; projectGroupId?: Value; lifecycleId?: Value; isDisabled?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Project"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/projects": { query: { clone?: Value }; body: Schemas["Project"]; answer: Schemas["Project"] }
  "GET /api/{space}/projects/all": { query: { ids?: Value; partialName?: Value; name?: Value; clonedFromProjectId?: Value; projectGroupId?: Value; lifecycleId?: Value; isDisabled?: Value }; body: unknown; answer: Array<Schemas["Project"]> }
  "GET /api/{space}/projects/experimental/summaries": { query: { ids?: Value }; body: unknown; answer: Array<Schemas["ProjectapiSummary"]> }
  "GET /api/{space}/projects/pulse": { query: { projectIds?: Value }; body: unknown; answer: Array<Schemas["ProjectapiSummary"]> }
  "DELETE /api/{space}/projects/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/projects/{id}": { query: {  }; body: unknown; answer: Schemas["Project"] }
  "PUT /api/{space}/projects/{id}": { query: {  }; body: Schemas["Project"]; answer: Schemas["Project"] }
  "GET /api/{space}/projects/{id}/channels": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Channel"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/projects/{id}/channels": { query: {  }; body: Schemas["Channel"]; answer: Schemas["Channel"] }
  "DELETE /api/{space}/projects/{id}/channels/{channel}": { query: {  }; body: unknown; answer: Schemas["Channel"] }
  "GET /api/{space}/projects/{id}/channels/{channel}": { query: {  }; body: unknown; answer: Schemas["Channel"] }
  "PUT /api/{space}/projects/{id}/channels/{channel}": { query: {  }; body: unknown; answer: Schemas["Channel"] }
  "GET /api/{space}/projects/{id}/channels/{channel}/releases": { query: { skip?: Value; take?: Value; searchByVersion?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Release"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "GET /api/{space}/projects/{id}/deploymentprocesses": { query: {  }; body: unknown; answer: Schemas["Process"] }
  "PUT /api/{space}/projects/{id}/deploymentprocesses": { query: {  }; body: Schemas["Process"]; answer: Schemas["Process"] }
  "GET /api/{space}/projects/{id}/deploymentprocesses/template": { query: { channel?: Value; releaseId?: Value }; body: unknown; answer: Schemas["ProjectapiTemplate"] }
  "GET /api/{space}/projects/{id}/deploymentsettings": { query: {  }; body: unknown; answer: Schemas["Settings"] }
  "PUT /api/{space}/projects/{id}/deploymentsettings": { query: {  }; body: Schemas["Settings"]; answer: Schemas["Settings"] }
  "POST /api/{space}/projects/{id}/git/convert": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/projects/{id}/logo": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/projects/{id}/metadata": { query: {  }; body: unknown; answer: Array<Record<string, unknown>> }
  "GET /api/{space}/projects/{id}/progression": { query: { aggregate?: Value; releaseHistoryCount?: Value }; body: unknown; answer: Schemas["DashboardapiProgression"] }
  "GET /api/{space}/projects/{id}/releases": { query: { skip?: Value; take?: Value; searchByVersion?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Release"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "GET /api/{space}/projects/{id}/releases/{version}": { query: {  }; body: unknown; answer: Schemas["Release"] }
  "GET /api/{space}/projects/{id}/summary": { query: {  }; body: unknown; answer: Schemas["ProjectapiSummary"] }
  "GET /api/{space}/projects/{id}/variables": { query: {  }; body: unknown; answer: Schemas["VariableapiShown"] }
  "PUT /api/{space}/projects/{id}/variables": { query: {  }; body: Schemas["Set"]; answer: Schemas["VariableapiShown"] }
  "GET /api/{space}/proxies": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Proxy"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/proxies": { query: {  }; body: Schemas["Proxy"]; answer: Schemas["Proxy"] }
  "GET /api/{space}/proxies/all": { query: { ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: Array<Schemas["Proxy"]> }
  "DELETE /api/{space}/proxies/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/proxies/{id}": { query: {  }; body: unknown; answer: Schemas["Proxy"] }
  "PUT /api/{space}/proxies/{id}": { query: {  }; body: Schemas["Proxy"]; answer: Schemas["Proxy"] }
  "GET /api/{space}/releases": { query: { skip?: Value; take?: Value; ids?: Value; searchByVersion?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Release"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/releases": { query: { ignoreChannelRules?: Value }; body: Schemas["Release"]; answer: Schemas["Release"] }
  "GET /api/{space}/releases/all": { query: { ids?: Value; searchByVersion?: Value }; body: unknown; answer: Array<Schemas["Release"]> }
  "POST /api/{space}/releases/create/v1": { query: { ignoreChannelRules?: Value }; body: Schemas["Command"]; answer: Schemas["ReleaseapiCreated"] }
  "DELETE /api/{space}/releases/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/releases/{id}": { query: {  }; body: unknown; answer: Schemas["Release"] }
  "PUT /api/{space}/releases/{id}": { query: {  }; body: Schemas["Release"]; answer: Schemas["Release"] }
  "GET /api/{space}/releases/{id}/defects": { query: {  }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Defect"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/releases/{id}/defects": { query: {  }; body: Schemas["Defect"]; answer: Schemas["Defect"] }
  "POST /api/{space}/releases/{id}/defects/resolve": { query: {  }; body: unknown; answer: Schemas["Defect"] }
  "GET /api/{space}/releases/{id}/deployments": { query: { skip?: Value; take?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Deployment"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "GET /api/{space}/releases/{id}/deployments/preview/{environment}": { query: { includeDisabledSteps?: Value }; body: unknown; answer: Schemas["Preview"] }
  "GET /api/{space}/releases/{id}/deployments/preview/{environment}/{tenant}": { query: { includeDisabledSteps?: Value }; body: unknown; answer: Schemas["Preview"] }
  "POST /api/{space}/releases/{id}/deployments/previews": { query: {  }; body: Schemas["PreviewsAsked"]; answer: Array<Schemas["Preview"]> }
  "GET /api/{space}/releases/{id}/deployments/template": { query: {  }; body: unknown; answer: Schemas["DeploymentapiTemplate"] }
  "GET /api/{space}/releases/{id}/missingpackages": { query: {  }; body: unknown; answer: Schemas["ReleaseapiMissing"] }
  "GET /api/{space}/releases/{id}/progression": { query: {  }; body: unknown; answer: Schemas["Progression"] }
  "POST /api/{space}/releases/{id}/snapshot-variables": { query: {  }; body: unknown; answer: Schemas["Release"] }
  "POST /api/{space}/releases/{id}/snapshot-variables-by-name": { query: {  }; body: Schemas["ByName"]; answer: Schemas["Release"] }
  "GET /api/{space}/retentionpolicies": { query: { RetentionType?: Value }; body: unknown; answer: Schemas["SpaceRetention"] }
  "GET /api/{space}/retentionpolicies/all": { query: { ids?: Value }; body: unknown; answer: Array<Schemas["SpaceRetention"]> }
  "GET /api/{space}/retentionpolicies/{id}": { query: {  }; body: unknown; answer: Schemas["SpaceRetention"] }
  "PUT /api/{space}/retentionpolicies/{id}": { query: {  }; body: Schemas["SpaceRetention"]; answer: Schemas["SpaceRetention"] }
  "GET /api/{space}/scopeduserroles": { query: { skip?: Value; take?: Value; ids?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["ScopedUserRole"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/scopeduserroles": { query: {  }; body: Schemas["ScopedUserRole"]; answer: Schemas["ScopedUserRole"] }
  "DELETE /api/{space}/scopeduserroles/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/scopeduserroles/{id}": { query: {  }; body: unknown; answer: Schemas["ScopedUserRole"] }
  "PUT /api/{space}/scopeduserroles/{id}": { query: {  }; body: Schemas["ScopedUserRole"]; answer: Schemas["ScopedUserRole"] }
  "GET /api/{space}/tagsets": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value; scopes?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["TagSet"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/tagsets": { query: {  }; body: Schemas["TagSet"]; answer: Schemas["TagSet"] }
  "GET /api/{space}/tagsets/all": { query: { ids?: Value; partialName?: Value; name?: Value; scopes?: Value }; body: unknown; answer: Array<Schemas["TagSet"]> }
  "PUT /api/{space}/tagsets/sortorder": { query: {  }; body: Array<string>; answer: unknown }
  "DELETE /api/{space}/tagsets/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/tagsets/{id}": { query: {  }; body: unknown; answer: Schemas["TagSet"] }
  "PUT /api/{space}/tagsets/{id}": { query: {  }; body: Schemas["TagSet"]; answer: Schemas["TagSet"] }
  "GET /api/{space}/tasks": { query: { skip?: Value; take?: Value; ids?: Value; active?: Value; environment?: Value; tenant?: Value; runbook?: Value; project?: Value; name?: Value; node?: Value; running?: Value; states?: Value; hasPendingInterruptions?: Value; hasWarningsOrErrors?: Value; partialName?: Value; spaces?: Value; includeSystem?: Value; fromQueueDate?: Value; toQueueDate?: Value }; body: unknown; answer: {
    IsStale: boolean
    ItemType: string
    Items: Array<Schemas["Document"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalCounts: Record<string, number>
    TotalCountsInOtherSpaces: Record<string, number>
    TotalResults: number
  } }
  "POST /api/{space}/tasks": { query: {  }; body: Schemas["Asked"]; answer: Schemas["Document"] }
  "POST /api/{space}/tasks/rerun/{id}": { query: {  }; body: unknown; answer: Schemas["Document"] }
  "GET /api/{space}/tasks/taskTypes": { query: {  }; body: unknown; answer: Array<Schemas["Kind"]> }
  "GET /api/{space}/tasks/{id}": { query: {  }; body: unknown; answer: Schemas["Document"] }
  "POST /api/{space}/tasks/{id}/cancel": { query: {  }; body: unknown; answer: Schemas["Document"] }
  "GET /api/{space}/tasks/{id}/details": { query: { verbose?: Value; tail?: Value; ranges?: Value }; body: unknown; answer: Schemas["Details"] }
  "GET /api/{space}/tasks/{id}/log": { query: { block?: Value; from?: Value; count?: Value }; body: unknown; answer: Schemas["Window"] }
  "GET /api/{space}/tasks/{id}/log/search": { query: { text?: Value; block?: Value; from?: Value; most?: Value }; body: unknown; answer: Schemas["Search"] }
  "GET /api/{space}/tasks/{id}/log/stream": { query: { lastEventId?: Value; lines?: Value }; body: unknown; answer: unknown }
  "GET /api/{space}/tasks/{id}/log/{block}": { query: { from?: Value; count?: Value }; body: unknown; answer: Schemas["Window"] }
  "POST /api/{space}/tasks/{id}/prioritize": { query: {  }; body: unknown; answer: Schemas["Document"] }
  "GET /api/{space}/tasks/{id}/queued-behind": { query: { skip?: Value; take?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Document"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    Reason: string
    TotalResults: number
  } }
  "GET /api/{space}/tasks/{id}/raw": { query: {  }; body: unknown; answer: unknown }
  "POST /api/{space}/tasks/{id}/release": { query: {  }; body: unknown; answer: Schemas["Document"] }
  "POST /api/{space}/tasks/{id}/state": { query: {  }; body: Schemas["Judgement"]; answer: Schemas["Document"] }
  "GET /api/{space}/teammembership": { query: { userId?: Value; spaces?: Value; includeSystem?: Value }; body: unknown; answer: Array<Schemas["Membership"]> }
  "GET /api/{space}/teams": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Team"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/teams": { query: {  }; body: Schemas["Team"]; answer: Schemas["Team"] }
  "GET /api/{space}/teams/all": { query: { ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: Array<Schemas["Team"]> }
  "DELETE /api/{space}/teams/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/teams/{id}": { query: {  }; body: unknown; answer: Schemas["Team"] }
  "PUT /api/{space}/teams/{id}": { query: {  }; body: Schemas["Team"]; answer: Schemas["Team"] }
  "GET /api/{space}/teams/{id}/scopeduserroles": { query: {  }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["ScopedUserRole"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "GET /api/{space}/tenants": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value; projectId?: Value; tags?: Value; isDisabled?: Value; clonedFromTenantId?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Tenant"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/tenants": { query: {  }; body: Schemas["Tenant"]; answer: Schemas["Tenant"] }
  "GET /api/{space}/tenants/all": { query: { ids?: Value; partialName?: Value; name?: Value; projectId?: Value; tags?: Value; isDisabled?: Value; clonedFromTenantId?: Value }; body: unknown; answer: Array<Schemas["Tenant"]> }
  "GET /api/{space}/tenants/status": { query: {  }; body: unknown; answer: Schemas["TenantapiStatus"] }
  "GET /api/{space}/tenants/tag-test": { query: { tenantIds?: Value; tags?: Value }; body: unknown; answer: Record<string, Schemas["TagTest"]> }
  "GET /api/{space}/tenants/variables-missing": { query: { tenantId?: Value; projectId?: Value; environmentId?: Value; includeDetails?: Value }; body: unknown; answer: Array<Schemas["MissingOfTenant"]> }
  "DELETE /api/{space}/tenants/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/tenants/{id}": { query: {  }; body: unknown; answer: Schemas["Tenant"] }
  "PUT /api/{space}/tenants/{id}": { query: {  }; body: Schemas["Tenant"]; answer: Schemas["Tenant"] }
  "GET /api/{space}/tenants/{id}/commonvariables": { query: { includeMissingVariables?: Value }; body: unknown; answer: Schemas["TenantValueList"] }
  "PUT /api/{space}/tenants/{id}/commonvariables": { query: {  }; body: Schemas["TenantValueList"]; answer: Schemas["TenantValueList"] }
  "GET /api/{space}/tenants/{id}/projectvariables": { query: { includeMissingVariables?: Value }; body: unknown; answer: Schemas["TenantValueList"] }
  "PUT /api/{space}/tenants/{id}/projectvariables": { query: {  }; body: Schemas["TenantValueList"]; answer: Schemas["TenantValueList"] }
  "GET /api/{space}/tenants/{id}/variables": { query: {  }; body: unknown; answer: Schemas["TenantVariables"] }
  "POST /api/{space}/tenants/{id}/variables": { query: {  }; body: Schemas["TenantVariables"]; answer: Schemas["TenantVariables"] }
  "PUT /api/{space}/tenants/{id}/variables": { query: {  }; body: Schemas["TenantVariables"]; answer: Schemas["TenantVariables"] }
  "GET /api/{space}/tenantvariables/all": { query: { projectId?: Value }; body: unknown; answer: Array<Schemas["TenantVariables"]> }
  "GET /api/{space}/users/{id}/permissions": { query: { spaces?: Value; includeSystem?: Value }; body: unknown; answer: Schemas["PermissionSet"] }
  "GET /api/{space}/users/{id}/permissions/configuration": { query: { spaces?: Value; includeSystem?: Value }; body: unknown; answer: Schemas["PermissionSet"] }
  "GET /api/{space}/users/{id}/teams": { query: { spaces?: Value; includeSystem?: Value }; body: unknown; answer: Array<Schemas["TeamItem"]> }
  "GET /api/{space}/variables/all": { query: { ids?: Value }; body: unknown; answer: Array<Schemas["VariableapiShown"]> }
  "GET /api/{space}/variables/names": { query: { project?: Value; runbook?: Value; projectEnvironmentsFilter?: Value }; body: unknown; answer: Array<string> }
  "GET /api/{space}/variables/preview": { query: { project?: Value; runbook?: Value; environment?: Value; channel?: Value; tenant?: Value; action?: Value; machine?: Value; role?: Value }; body: unknown; answer: Schemas["VariableapiShown"] }
  "GET /api/{space}/variables/{set}": { query: {  }; body: unknown; answer: Schemas["VariableapiShown"] }
  "PUT /api/{space}/variables/{set}": { query: {  }; body: Schemas["Set"]; answer: Schemas["VariableapiShown"] }
  "GET /api/{space}/workerpools": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Pool"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/workerpools": { query: {  }; body: Schemas["Pool"]; answer: Schemas["Pool"] }
  "GET /api/{space}/workerpools/all": { query: { ids?: Value; partialName?: Value; name?: Value }; body: unknown; answer: Array<Schemas["Pool"]> }
  "GET /api/{space}/workerpools/dynamicworkertypes": { query: {  }; body: unknown; answer: Schemas["DynamicTypes"] }
  "PUT /api/{space}/workerpools/sortorder": { query: {  }; body: Array<string>; answer: unknown }
  "GET /api/{space}/workerpools/summary": { query: {  }; body: unknown; answer: Schemas["PoolsSummary"] }
  "GET /api/{space}/workerpools/supportedtypes": { query: {  }; body: unknown; answer: Schemas["SupportedTypes"] }
  "DELETE /api/{space}/workerpools/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/workerpools/{id}": { query: {  }; body: unknown; answer: Schemas["Pool"] }
  "PUT /api/{space}/workerpools/{id}": { query: {  }; body: Schemas["Pool"]; answer: Schemas["Pool"] }
  "GET /api/{space}/workerpools/{id}/workers": { query: { skip?: Value; take?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Worker"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "GET /api/{space}/workers": { query: { skip?: Value; take?: Value; ids?: Value; partialName?: Value; name?: Value; isDisabled?: Value; commStyles?: Value; thumbprint?: Value; healthStatuses?: Value; shellNames?: Value; workerPoolIds?: Value }; body: unknown; answer: {
    ItemType: string
    Items: Array<Schemas["Worker"]>
    ItemsPerPage: number
    LastPageNumber: number
    Links: Record<string, string>
    NumberOfPages: number
    TotalResults: number
  } }
  "POST /api/{space}/workers": { query: {  }; body: Schemas["Worker"]; answer: Schemas["Worker"] }
  "GET /api/{space}/workers/all": { query: { ids?: Value; partialName?: Value; name?: Value; isDisabled?: Value; commStyles?: Value; thumbprint?: Value; healthStatuses?: Value; shellNames?: Value; workerPoolIds?: Value }; body: unknown; answer: Array<Schemas["Worker"]> }
  "GET /api/{space}/workers/discover": { query: { host?: Value; port?: Value; type?: Value; proxyId?: Value }; body: unknown; answer: Schemas["Discovered"] }
  "GET /api/{space}/workers/operatingsystem/names/all": { query: {  }; body: unknown; answer: Array<string> }
  "GET /api/{space}/workers/operatingsystem/shells/all": { query: {  }; body: unknown; answer: Array<string> }
  "DELETE /api/{space}/workers/{id}": { query: {  }; body: unknown; answer: unknown }
  "GET /api/{space}/workers/{id}": { query: {  }; body: unknown; answer: Schemas["Worker"] }
  "PUT /api/{space}/workers/{id}": { query: {  }; body: Schemas["Worker"]; answer: Schemas["Worker"] }
  "GET /api/{space}/workers/{id}/connection": { query: {  }; body: unknown; answer: Schemas["Connection"] }
}
