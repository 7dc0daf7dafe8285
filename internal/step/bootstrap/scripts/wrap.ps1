# Creating a directory does not tell who created it; creating a file with CreateNew does.
[void][IO.Directory]::CreateDirectory($mantleDir)
try { [IO.File]::Open([IO.Path]::Combine($mantleDir, 'started'), 'CreateNew', 'Write', 'None').Close() }
catch {
  if (-not [IO.File]::Exists([IO.Path]::Combine($mantleDir, 'started'))) { throw }
  Write-MantleState
  exit @REFUSED@
}
[IO.File]::WriteAllText([IO.Path]::Combine($mantleDir, 'runner'), (Get-MantleProcess $PID))
$mantleCleaned = [IO.Path]::Combine($mantleRoot, '.cleaned')
if (-not [IO.File]::Exists($mantleCleaned) -or ([DateTime]::UtcNow - [IO.File]::GetLastWriteTimeUtc($mantleCleaned)).TotalDays -gt 1) {
  [IO.File]::WriteAllText($mantleCleaned, '')
  foreach ($old in [IO.Directory]::GetDirectories($mantleRoot)) {
    if ($old -ne $mantleDir -and ([DateTime]::UtcNow - [IO.Directory]::GetLastWriteTimeUtc($old)).TotalDays -gt 30) {
      try { [IO.Directory]::Delete($old, $true) } catch { }
    }
  }
}
$mantleBody = [IO.Path]::Combine($mantleDir, 'body.ps1')
[IO.File]::WriteAllText($mantleBody, [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('@BODY@')), (New-Object Text.UTF8Encoding $true))
$mantleStart = New-Object Diagnostics.ProcessStartInfo
$mantleStart.FileName = [Diagnostics.Process]::GetCurrentProcess().MainModule.FileName
$mantleStart.Arguments = '-NonInteractive -NoProfile -NoLogo -ExecutionPolicy Unrestricted -Command "$ErrorActionPreference = ''Stop''; . ''' + $mantleBody.Replace("'", "''") + '''; if (test-path variable:global:lastexitcode) { exit $LastExitCode }"'
$mantleStart.UseShellExecute = $false
$mantleStart.WorkingDirectory = (Get-Location).ProviderPath
$mantleStart.EnvironmentVariables['MANTLE_TICKET'] = '@TICKET@'
$mantleProcess = [Diagnostics.Process]::Start($mantleStart)
[IO.File]::WriteAllText([IO.Path]::Combine($mantleDir, 'body'), (Get-MantleProcess $mantleProcess.Id))
$mantleProcess.WaitForExit()
$mantleCode = $mantleProcess.ExitCode
try { [IO.File]::Delete($mantleBody) } catch { }
$mantleExit = [IO.Path]::Combine($mantleDir, 'exit')
[IO.File]::WriteAllText("$mantleExit.new", "$mantleCode")
[IO.File]::Move("$mantleExit.new", $mantleExit)
[Console]::Out.WriteLine("##mantle[end nonce=@NONCE@ exit=$mantleCode]")
exit $mantleCode
