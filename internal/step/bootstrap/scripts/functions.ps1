# The functions that scripts may call. Windows PowerShell 5.1 and later.
function Convert-ToServiceMessageValue([string]$value) { [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($value)) }
function Convert-FromServiceMessageValue([string]$value) { [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($value)) }

function Write-MantleMessage([string]$name, [object[]]$pairs) {
  $line = "##octopus[$name"
  for ($i = 0; $i + 1 -lt $pairs.Count; $i += 2) {
    if ($null -ne $pairs[$i + 1] -and "$($pairs[$i + 1])" -ne '') { $line += " $($pairs[$i])='$(Convert-ToServiceMessageValue $pairs[$i + 1])'" }
  }
  Write-Host "$line]"
}
function Write-MantleLevel([string]$level, $message) {
  Write-Host "##octopus[stdout-$level]"
  Write-Host $message
  Write-Host '##octopus[stdout-default]'
}

function Write-Verbose { [CmdletBinding()] param([Parameter(Position = 0, ValueFromPipeline = $true)][AllowEmptyString()][string]$message) process { Write-MantleLevel verbose $message } }
function Write-Highlight { [CmdletBinding()] param([Parameter(Position = 0, ValueFromPipeline = $true)][AllowEmptyString()][string]$message) process { Write-MantleLevel highlight $message } }
function Write-Wait { [CmdletBinding()] param([Parameter(Position = 0, ValueFromPipeline = $true)][AllowEmptyString()][string]$message) process { Write-MantleLevel wait $message } }
function Write-Warning { [CmdletBinding()] param([Parameter(Position = 0, ValueFromPipeline = $true)][AllowEmptyString()][string]$message) process { Write-MantleLevel warning $message } }

function Set-OctopusVariable([string]$name, [string]$value, [switch]$sensitive) {
  $mark = $null
  if ($sensitive) { $mark = 'True' }
  $OctopusParameters[$name] = $value
  Write-MantleMessage setVariable @('name', $name, 'value', $value, 'sensitive', $mark)
}
function New-OctopusArtifact([Parameter(Mandatory = $true, ValueFromPipelineByPropertyName = $true)][Alias('fullname')][string]$path, [string]$name = '') {
  process {
    $full = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($path)
    if (-not (Test-Path -LiteralPath $full)) { throw "The file '$full' does not exist, so it cannot be an artifact." }
    if (-not $name) { $name = [IO.Path]::GetFileName($full) }
    $length = 0
    if ([IO.File]::Exists($full)) { $length = (New-Object IO.FileInfo $full).Length }
    Write-MantleLevel verbose "Artifact $name is taken from $full when this step ends"
    Write-MantleMessage createArtifact @('path', $full, 'name', $name, 'length', $length)
    $name = ''
  }
}
function Update-Progress([int]$percentage, [string]$message) {
  Write-Host "##octopus[progress percentage='$(Convert-ToServiceMessageValue $percentage)' message='$(Convert-ToServiceMessageValue $message)']"
}
function Fail-Step([string]$message) {
  if ($message) { Write-MantleMessage resultMessage @('message', $message) }
  exit 1
}
function Set-EnvironmentState([string]$key, [string]$value, [switch]$sensitive, [string]$type = 'State') {
  $mark = $null
  if ($sensitive) { $mark = 'True' }
  Write-MantleMessage set-environmentstate @('key', $key, 'value', $value, 'sensitive', $mark, 'type', $type)
}
function New-OctopusTarget([string]$name, [string]$targetId, [string]$inputs, [string]$octopusRoles, [string]$octopusDefaultWorkerPoolIdOrName, [switch]$updateIfExisting) {
  $update = $null
  if ($updateIfExisting) { $update = 'true' }
  Write-MantleMessage createStepPackageTarget @('name', $name, 'targetId', $targetId, 'inputs', $inputs, 'octopusRoles', $octopusRoles,
    'octopusDefaultWorkerPoolIdOrName', $octopusDefaultWorkerPoolIdOrName, 'updateIfExisting', $update)
}
function Remove-OctopusTarget([string]$machine) { Write-Host "##octopus[delete-target machine='$(Convert-ToServiceMessageValue $machine)']" }
function Execute-WithRetry([ScriptBlock]$command, [int]$maxFailures = 3, [int]$sleepBetweenFailures = 1) {
  for ($failures = 0; ; ) {
    try { return & $command }
    catch {
      $failures++
      if ($failures -ge $maxFailures) { throw }
      Write-Host "Attempt $failures of $maxFailures failed, trying again in $sleepBetweenFailures s: $($_.Exception.Message)"
      Start-Sleep -Seconds $sleepBetweenFailures
    }
  }
}
function Import-ScriptModule([string]$moduleName) {
  $file = Join-Path (Get-Location).ProviderPath "$($moduleName.Replace(' ', '')).psm1"
  if (-not (Test-Path -LiteralPath $file)) { throw "The script module '$moduleName' is not part of this step." }
  Import-Module -Force -Global $file
}
$OctopusParameters = New-Object 'System.Collections.Generic.Dictionary[String,String]' ([StringComparer]::OrdinalIgnoreCase)
