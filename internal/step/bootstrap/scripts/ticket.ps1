# What a ticket's directory says. Windows PowerShell 5.1 and later.
$ErrorActionPreference = 'Stop'
function Get-MantleHome {
  if ($env:TentacleHome) { return $env:TentacleHome }
  $home_ = [Environment]::GetFolderPath('UserProfile')
  if (-not $home_) { throw 'Neither TentacleHome nor a user profile exists, so there is no place for the records of scripts.' }
  return (Join-Path $home_ '.mantle')
}
function Get-MantleProcess([int]$Id) {
  try { $p = [Diagnostics.Process]::GetProcessById($Id); return "$Id $($p.StartTime.ToFileTimeUtc())" } catch { return '' }
}
function Test-MantleAlive([string]$File) {
  if (-not [IO.File]::Exists($File)) { return $false }
  $recorded = [IO.File]::ReadAllText($File)
  if (-not $recorded) { return $false }
  return ($recorded -eq (Get-MantleProcess ([int]$recorded.Split(' ')[0])))
}
# A root that cannot be read says nothing about its tickets; above all not that one never ran.
function Write-MantleState {
  try { [void][IO.Directory]::GetFileSystemEntries($mantleRoot) } catch [IO.DirectoryNotFoundException] { }
  $state = 'Absent'; $code = ''
  $exit = [IO.Path]::Combine($mantleDir, 'exit'); $started = [IO.Path]::Combine($mantleDir, 'started')
  if ([IO.File]::Exists($exit)) { $state = 'Finished' }
  elseif (-not [IO.File]::Exists($started)) { }
  elseif ((Test-MantleAlive ([IO.Path]::Combine($mantleDir, 'runner'))) -or (Test-MantleAlive ([IO.Path]::Combine($mantleDir, 'body')))) { $state = 'Running' }
  elseif (-not [IO.File]::Exists([IO.Path]::Combine($mantleDir, 'runner')) -and ([DateTime]::UtcNow - [IO.File]::GetLastWriteTimeUtc($started)).TotalSeconds -lt 60) { $state = 'Running' }
  elseif ([IO.File]::Exists($exit)) { $state = 'Finished' }
  else { $state = 'Lost' }
  if ($state -eq 'Finished') { $code = [IO.File]::ReadAllText($exit) }
  [Console]::Out.WriteLine("##mantle[ticket nonce=@NONCE@ state=$state exit=$code]")
}
$mantleRoot = @ROOT@
if (-not $mantleRoot) { $mantleRoot = [IO.Path]::Combine((Get-MantleHome), 'Tickets') }
$mantleDir = [IO.Path]::Combine($mantleRoot, '@TICKET@')
