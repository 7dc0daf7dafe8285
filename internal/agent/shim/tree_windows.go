package shim

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// tree is a job object that the shim itself belongs to: every process that the script starts is born into it.
type tree struct {
	job    windows.Handle
	exited chan int32
}

func newTree() (*tree, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return nil, fmt.Errorf("create job object: %w", err)
	}
	if err := windows.AssignProcessToJobObject(job, windows.CurrentProcess()); err != nil {
		return nil, errors.Join(fmt.Errorf("enter job object: %w", err), windows.CloseHandle(job))
	}
	return &tree{job: job, exited: make(chan int32, 1)}, nil
}

func (t *tree) start(cmd *exec.Cmd) error {
	cmd.SysProcAttr.HideWindow = true
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() {
		_ = cmd.Wait()
		t.exited <- int32(uint32(cmd.ProcessState.ExitCode()))
	}()
	return nil
}

// maxProcesses is how many processes of a tree are seen in one pass.
const maxProcesses = 1024

// processList is JOBOBJECT_BASIC_PROCESS_ID_LIST.
type processList struct {
	assigned uint32
	listed   uint32
	ids      [maxProcesses]uintptr
}

// kill ends every process of the job but this one.
func (t *tree) kill() {
	for range 50 {
		var list processList
		err := windows.QueryInformationJobObject(t.job, windows.JobObjectBasicProcessIdList,
			uintptr(unsafe.Pointer(&list)), uint32(unsafe.Sizeof(list)), nil)
		if err != nil && !errors.Is(err, windows.ERROR_MORE_DATA) {
			return
		}
		if !terminate(list.ids[:min(list.listed, maxProcesses)]) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// terminate ends the processes but this one, and reports whether there were any.
func terminate(ids []uintptr) bool {
	found := false
	for _, id := range ids {
		if int(id) == os.Getpid() {
			continue
		}
		found = true
		if h, err := windows.OpenProcess(windows.PROCESS_TERMINATE, false, uint32(id)); err == nil {
			_ = windows.TerminateProcess(h, uint32(0xFFFFFFFF))
			_ = windows.CloseHandle(h)
		}
	}
	return found
}

// killHolders ends all that is left: which processes hold a pipe cannot be seen here.
func (t *tree) killHolders([]*os.File) string {
	t.kill()
	return "the script's processes were ended"
}
