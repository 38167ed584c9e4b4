package main

import (
	"io/fs"
	"os"
	"path/filepath"
)

// untracked are folders that builds leave in an SDK folder; they are in no commit.
var untracked = map[string]bool{
	"node_modules": true, "bin": true, "build": true, "dist": true, "__pycache__": true,
	"target": true, "obj": true,
}

// tree reads every generated file below dir, by its slash-separated path.
func tree(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if untracked[entry.Name()] || filepath.Ext(entry.Name()) == ".egg-info" {
				return filepath.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		files[rel], err = os.ReadFile(path)
		return err
	})
	return files, err
}

// write makes dir hold exactly files, and reports how many older ones it removed.
func write(dir string, files map[string][]byte) (stale int, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	old, err := tree(dir)
	if err != nil {
		return 0, err
	}
	for name := range old {
		if _, kept := files[name]; kept {
			continue
		}
		if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return stale, err
		}
		stale++
	}
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return stale, err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return stale, err
		}
	}
	return stale, nil
}
