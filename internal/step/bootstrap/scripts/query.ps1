Write-MantleState
exit 0
