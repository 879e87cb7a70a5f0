/**
 * The run wrapper for Windows: the twin of `run-wrapper.ts` in PowerShell 5.1, with the same arguments and the same records.
 *
 * It has never been run: no Windows machine was at hand. The tests look at its text only (fields, reasons, files, no interpolated paths).
 *
 * What differs: the steps are `.slipway/{before,command,after}.sh` hold
 * text for cmd.exe and are copied beside as `.cmd`; a job object holds the run's processes, however they were started; cancel is the file
 * `.slipway/cancel.ATTEMPT` alone, looked for four times a second; memory is committed memory, which the job object also caps a little above the limit;
 * `startTicks` is the wrapper's start as a Windows file time; `bootId` is the counter that Windows keeps in the registry; `signal` is always null.
 * A step waits for one line on its standard input before it begins, so that it cannot start a process before it is in the job object.
 */
export const RUN_WRAPPER_PS1 = String.raw`# Slipway run wrapper: starts one attempt of a run, watches it, writes start.json and end.json.
# powershell -File wrapper.ps1 RUN_FOLDER ATTEMPT WALLTIME_SECONDS MEMORY_BYTES|0
param([string]$RunFolder, [int]$Attempt, [int]$Walltime, [long]$Memory)
$ErrorActionPreference = 'Stop'
$invariant = [Globalization.CultureInfo]::InvariantCulture
$utf8 = New-Object Text.UTF8Encoding($false)

function Get-Epoch { ([DateTime]::UtcNow - (New-Object DateTime(1970, 1, 1, 0, 0, 0, [DateTimeKind]::Utc))).TotalSeconds }
function Format-Number([double]$value) { $value.ToString('0.00', $invariant) }
function Format-Text($value) {
  if ([string]::IsNullOrEmpty($value)) { return 'null' }
  '"' + ([string]$value).Replace('\', '\\').Replace('"', '\"') + '"'
}
function Format-Whole($value) { if ($null -eq $value) { 'null' } else { ([long]$value).ToString($invariant) } }

# A file appears at once, under its name, or not at all.
function Publish-File([string]$name, [string]$text) {
  $target = [IO.Path]::Combine($RunFolder, $name)
  $temporary = [IO.Path]::Combine($RunFolder, '.slipway', $name + '.' + $Attempt + '.new')
  [IO.File]::WriteAllText($temporary, $text, $utf8)
  if ([IO.File]::Exists($target)) { [IO.File]::Replace($temporary, $target, [NullString]::Value) } else { [IO.File]::Move($temporary, $target) }
}

$cancelFile = [IO.Path]::Combine($RunFolder, '.slipway', "cancel.$Attempt")
$claimFile = [IO.Path]::Combine($RunFolder, '.slipway', "claim.$Attempt")
[IO.Directory]::SetCurrentDirectory($RunFolder)
$token = $env:SLIPWAY_RUN_TOKEN
if ([string]::IsNullOrEmpty($token)) { $token = "slipway-$PID-alone" }
$env:SLIPWAY_RUN_TOKEN = $token
$env:SLIPWAY_EPOCH = $null

$clock = [Diagnostics.Stopwatch]::StartNew()
$startedAt = Get-Epoch
$ticks = (Get-Process -Id $PID).StartTime.ToFileTimeUtc().ToString($invariant)
$bootId = $null
try { $bootId = (Get-ItemProperty 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters').BootId } catch { }
$start = '{"attempt":' + $Attempt + ',"pid":' + $PID + ',"startTicks":' + (Format-Text $ticks) + ',"bootId":' + (Format-Text $bootId) +
  ',"host":' + (Format-Text ([Net.Dns]::GetHostName())) + ',"startedAt":' + (Format-Number $startedAt) + ',"uptime":null,"token":' + (Format-Text $token) + '}' + [char]10

# Whoever loses the race for the claim leaves without a trace.
try {
  $claim = [IO.File]::Open($claimFile, [IO.FileMode]::CreateNew, [IO.FileAccess]::Write, [IO.FileShare]::Read)
} catch [IO.IOException] {
  if ([IO.File]::Exists($claimFile)) { exit 0 }
  exit 73
}
$bytes = $utf8.GetBytes($start)
$claim.Write($bytes, 0, $bytes.Length)
$claim.Close()
[IO.File]::Delete([IO.Path]::Combine($RunFolder, 'end.json'))
Publish-File 'start.json' $start

Add-Type -TypeDefinition @'
using System;
using System.Runtime.InteropServices;
public static class SlipwayJob {
  [StructLayout(LayoutKind.Sequential)] struct Basic {
    public long PerProcessUserTimeLimit, PerJobUserTimeLimit; public uint LimitFlags; public UIntPtr MinimumWorkingSetSize, MaximumWorkingSetSize;
    public uint ActiveProcessLimit; public UIntPtr Affinity; public uint PriorityClass, SchedulingClass;
  }
  [StructLayout(LayoutKind.Sequential)] struct Io { public ulong A, B, C, D, E, F; }
  [StructLayout(LayoutKind.Sequential)] struct Extended {
    public Basic Basic; public Io Io; public UIntPtr ProcessMemoryLimit, JobMemoryLimit, PeakProcessMemoryUsed, PeakJobMemoryUsed;
  }
  const int ExtendedLimitInformation = 9;
  const uint LimitJobMemory = 0x200;
  [DllImport("kernel32.dll", SetLastError = true)] static extern IntPtr CreateJobObject(IntPtr attributes, string name);
  [DllImport("kernel32.dll", SetLastError = true)] static extern bool AssignProcessToJobObject(IntPtr job, IntPtr process);
  [DllImport("kernel32.dll", SetLastError = true)] static extern bool TerminateJobObject(IntPtr job, uint code);
  [DllImport("kernel32.dll", SetLastError = true)] static extern bool SetInformationJobObject(IntPtr job, int kind, ref Extended information, uint size);
  [DllImport("kernel32.dll", SetLastError = true)] static extern bool QueryInformationJobObject(IntPtr job, int kind, out Extended information, uint size, IntPtr length);
  static IntPtr job;
  public static void Create(ulong memory) {
    job = CreateJobObject(IntPtr.Zero, null);
    if (job == IntPtr.Zero) throw new System.ComponentModel.Win32Exception();
    if (memory == 0) return;
    Extended limits = new Extended();
    limits.Basic.LimitFlags = LimitJobMemory;
    limits.JobMemoryLimit = new UIntPtr(memory);
    if (!SetInformationJobObject(job, ExtendedLimitInformation, ref limits, (uint)Marshal.SizeOf(typeof(Extended)))) throw new System.ComponentModel.Win32Exception();
  }
  public static void Add(IntPtr process) { if (!AssignProcessToJobObject(job, process)) throw new System.ComponentModel.Win32Exception(); }
  public static void End() { TerminateJobObject(job, 1); }
  public static ulong Peak() {
    Extended found;
    return QueryInformationJobObject(job, ExtendedLimitInformation, out found, (uint)Marshal.SizeOf(typeof(Extended)), IntPtr.Zero) ? found.PeakJobMemoryUsed.ToUInt64() : 0;
  }
}
'@

# Why the run has to stop now, or null.
function Get-StopReason {
  if ([IO.File]::Exists($cancelFile)) { return 'cancelled' }
  if ($clock.Elapsed.TotalSeconds -ge $Walltime) { return 'timeout' }
  if ($Memory -gt 0 -and [SlipwayJob]::Peak() -gt [ulong]$Memory) { return 'out-of-memory' }
  return $null
}

# Runs .slipway\STEP.cmd; returns its exit code and why it was stopped.
function Invoke-Step([string]$step, [string]$redirection) {
  [IO.File]::WriteAllText(".slipway\$step.cmd", "@echo off" + [Environment]::NewLine + [IO.File]::ReadAllText(".slipway\$step.sh"), $utf8)
  $info = New-Object Diagnostics.ProcessStartInfo
  $info.FileName = $env:ComSpec
  $info.Arguments = '/d /s /c "set /p SLIPWAY_GO= & call .slipway\' + $step + '.cmd <nul ' + $redirection + '"'
  $info.WorkingDirectory = $RunFolder
  $info.UseShellExecute = $false
  $info.CreateNoWindow = $true
  $info.RedirectStandardInput = $true
  $process = [Diagnostics.Process]::Start($info)
  [SlipwayJob]::Add($process.Handle)
  $process.StandardInput.WriteLine('')
  $process.StandardInput.Close()
  $why = $null
  while (-not $process.WaitForExit(250)) {
    $why = Get-StopReason
    if ($why) {
      [SlipwayJob]::End()
      $process.WaitForExit()
      return @{ Code = $null; Stopped = $why }
    }
  }
  if ($process.ExitCode -ne 0 -and $Memory -gt 0 -and [SlipwayJob]::Peak() -gt [ulong]$Memory) { $why = 'out-of-memory' }
  # Windows reports a crash as a negative number; people know it as 0xC0000005.
  $code = [long]$process.ExitCode
  if ($code -lt 0) { $code += 4294967296 }
  @{ Code = $code; Stopped = $why }
}

$code = $null
$after = $null
$reason = 'exit'
# The cap is above the limit, so that use beyond the limit is seen and named before allocations fail.
[SlipwayJob]::Create([ulong]($Memory + [Math]::Floor($Memory / 8)))
$stopped = Get-StopReason
if (-not $stopped -and [IO.File]::Exists('.slipway\before.sh')) {
  $step = Invoke-Step 'before' '>before.out 2>&1'
  $stopped = $step.Stopped
  if (-not $stopped -and $step.Code -ne 0) { $reason = 'before-failed'; $code = $step.Code }
}
if (-not $stopped -and $reason -eq 'exit') {
  $step = Invoke-Step 'command' '>stdout 2>stderr'
  $stopped = $step.Stopped
  if (-not $stopped) { $code = $step.Code }
}
if (-not $stopped -and $reason -eq 'exit' -and [IO.File]::Exists('.slipway\after.sh')) {
  $step = Invoke-Step 'after' '>after.out 2>after.err'
  $stopped = $step.Stopped
  if (-not $stopped) { $after = $step.Code; if ($after -ne 0) { $reason = 'after-failed' } }
}
if ($stopped) { $reason = $stopped }
$wall = $clock.Elapsed.TotalSeconds
$peak = $null
if ($Memory -gt 0) { $peak = [SlipwayJob]::Peak() }
# What the run left in the background ends with it.
[SlipwayJob]::End()
$end = '{"attempt":' + $Attempt + ',"exitCode":' + (Format-Whole $code) + ',"signal":null,"reason":' + (Format-Text $reason) +
  ',"endedAt":' + (Format-Number ($startedAt + $wall)) + ',"wallSeconds":' + (Format-Number $wall) + ',"peakMemoryBytes":' + (Format-Whole $peak) +
  ',"afterExitCode":' + (Format-Whole $after) + '}' + [char]10
Publish-File 'end.json' $end
`;
