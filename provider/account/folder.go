package account

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// passedBy are folders of tools, in which nothing is written by hand.
var passedBy = []string{".git", ".terraform", "node_modules"}

// Folder finds the roles in every document of a folder and of those below it. A document that does not parse is a role
// with an error; what holds no trust policy is skipped, and listed.
func Folder(folder fs.FS) (*Found, error) {
	all := &Found{Several: true}
	err := fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			all.fail(name, err)
			if entry != nil && entry.IsDir() {
				return fs.SkipDir
			}
		case entry.IsDir() && slices.Contains(passedBy, path.Base(name)):
			all.Skipped = append(all.Skipped, Skipped{name, "a folder of a tool"})
			return fs.SkipDir
		case !entry.IsDir():
			all.file(folder, name)
		}
		return nil
	})
	all.Attach()
	return all, err
}

func (f *Found) fail(name string, err error) {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	f.Roles = append(f.Roles, Role{File: name, Err: err})
}

func (f *Found) skip(name, reason string) { f.Skipped = append(f.Skipped, Skipped{name, reason}) }

// file reads one file of a folder.
func (f *Found) file(folder fs.FS, name string) {
	template := false
	switch path.Ext(name) {
	case ".json", ".jsonl", ".ndjson":
	case ".yaml", ".yml", ".template":
		template = true
	default:
		f.skip(name, "not a .json file")
		return
	}
	info, err := fs.Stat(folder, name)
	switch {
	case err != nil:
		f.fail(name, err)
		return
	case !info.Mode().IsRegular():
		f.skip(name, "not a file")
		return
	}
	raw, err := ReadAll(folder, name)
	if err != nil {
		f.fail(name, err)
		return
	}
	f.Add(name, raw, template)
}

// ReadAll reads a file of a folder that is no larger than a document may be.
func ReadAll(folder fs.FS, name string) ([]byte, error) {
	file, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return Limited(file, name)
}

// Limited reads a document. It stops early at one that is too large: what is larger is no such document.
func Limited(in io.Reader, name string) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(in, MaxDocument+1))
	if err == nil && len(raw) > MaxDocument {
		return nil, fmt.Errorf("%s has more than %d bytes; is it the right file?", name, MaxDocument)
	}
	return raw, err
}

// Add adds what a document of that name holds. lenient takes what is neither JSON nor a template for something else.
func (f *Found) Add(name string, raw []byte, lenient bool) {
	found, err := Read(raw)
	switch {
	case errors.Is(err, ErrNoRole):
		reason := err.Error()
		if before, ok := strings.CutSuffix(reason, ": "+ErrNoRole.Error()); ok {
			reason = before
		}
		f.skip(name, reason)
		return
	case err != nil && lenient && !mentionsRoles(raw):
		f.skip(name, "not a .json file and not a template with roles")
		return
	case err != nil:
		f.fail(name, err)
		return
	}
	for _, s := range found.Skipped {
		f.skip(name+", "+s.File, s.Reason)
	}
	if len(found.Roles) == 0 && found.Several && len(found.managed) == 0 && len(found.Skipped) == 0 {
		f.skip(name, "it has no roles")
	}
	found.In(name)
	f.Roles = append(f.Roles, found.Roles...)
	for arn, document := range found.managed {
		f.manage(arn, document)
	}
}

// Empty reports that nothing was found that is of a role: neither one, nor a managed policy that one may have.
func (f *Found) Empty() bool { return len(f.Roles) == 0 && len(f.managed) == 0 }

// In says which file the roles are in.
func (f *Found) In(file string) {
	for i := range f.Roles {
		f.Roles[i].File = file
	}
}

// mentionsRoles reports that a file which does not parse looks like a template with roles all the same.
func mentionsRoles(raw []byte) bool { return strings.Contains(string(raw), "AWS::IAM::Role") }

// Merge adds what a folder holds.
func (f *Found) Merge(folder string, found *Found) {
	for _, s := range found.Skipped {
		f.skip(path.Join(folder, s.File), s.Reason)
	}
	for _, r := range found.Roles {
		r.File = path.Join(folder, r.File)
		f.Roles = append(f.Roles, r)
	}
	for arn, document := range found.managed {
		f.manage(arn, document)
	}
}
