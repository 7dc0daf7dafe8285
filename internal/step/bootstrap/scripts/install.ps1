$mantleUploaded = @UPLOADED@
$mantleHash = (Get-FileHash -Algorithm SHA256 -LiteralPath $mantleUploaded).Hash.ToLowerInvariant()
if ($mantleHash -ne '@SHA256@') {
  [IO.File]::Delete($mantleUploaded)
  [Console]::Error.WriteLine("The uploaded tool $mantleUploaded has the SHA-256 $mantleHash, not @SHA256@: it was damaged on the way; it is removed, try again.")
  exit @FAILED@
}
$mantleFinal = [IO.Path]::Combine((Get-MantleHome), 'Tools', 'mantle-agent', '@VERSION@', 'mantle-agent.exe')
[void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($mantleFinal))
Move-Item -Force -LiteralPath $mantleUploaded -Destination $mantleFinal
