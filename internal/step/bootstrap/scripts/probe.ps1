$mantleHome = Get-MantleHome
$mantleTools = [IO.Path]::Combine($mantleHome, 'Tools', 'mantle-agent', '@VERSION@')
$mantlePath = ''
foreach ($try in @("$env:TentacleExecutablePath", [IO.Path]::Combine($mantleTools, 'mantle-agent.exe'))) {
  if ($try -and [IO.Path]::GetFileNameWithoutExtension($try) -eq 'mantle-agent' -and [IO.File]::Exists($try)) {
    $version = ''
    try { $version = "$(& $try step version)" } catch { }
    if ($version -eq '@VERSION@') { $mantlePath = $try; break }
  }
}
function Get-MantleText([string]$text) { [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($text)) }
$mantleArch = $env:PROCESSOR_ARCHITEW6432
if (-not $mantleArch) { $mantleArch = $env:PROCESSOR_ARCHITECTURE }
[Console]::Out.WriteLine("##mantle[tool nonce=@NONCE@ path=$(Get-MantleText $mantlePath) upload=$(Get-MantleText $mantleTools) home=$(Get-MantleText $mantleHome) os=windows arch=$mantleArch]")
exit 0
