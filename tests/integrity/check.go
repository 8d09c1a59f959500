// Checks what Cairn publishes with an implementation that shares nothing with it: golang.org/x/mod.
// Input: JSON on standard input. Output: "ok N", or the first thing that is wrong and status 1.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type proof struct {
	Leaf    string   `json:"leaf"`
	Index   int64    `json:"index"`
	OldSize int64    `json:"old_size"`
	OldRoot string   `json:"old_root"`
	Size    int64    `json:"size"`
	Root    string   `json:"root"`
	Proof   []string `json:"proof"`
}

type input struct {
	Verifier    string  `json:"verifier"`
	Note        string  `json:"note"`
	Root        string  `json:"root"`
	Inclusion   []proof `json:"inclusion"`
	Consistency []proof `json:"consistency"`
}

func fail(format string, args ...any) {
	fmt.Printf(format+"\n", args...)
	os.Exit(1)
}

func hash(text string) tlog.Hash {
	parsed, err := tlog.ParseHash(text)
	if err != nil {
		fail("hash %q: %v", text, err)
	}
	return parsed
}

func hashes(texts []string) []tlog.Hash {
	var all []tlog.Hash
	for _, text := range texts {
		all = append(all, hash(text))
	}
	return all
}

func main() {
	var in input
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		fail("input: %v", err)
	}
	verifier, err := note.NewVerifier(in.Verifier)
	if err != nil {
		fail("verifier: %v", err)
	}
	opened, err := note.Open([]byte(in.Note), note.VerifierList(verifier))
	if err != nil {
		fail("note: %v", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[2] != in.Root {
		fail("checkpoint: %q", opened.Text)
	}
	if _, err := strconv.ParseInt(lines[1], 10, 64); err != nil {
		fail("size: %v", err)
	}
	for _, p := range in.Inclusion {
		err := tlog.CheckRecord(hashes(p.Proof), p.Size, hash(p.Root), p.Index, hash(p.Leaf))
		if err != nil {
			fail("inclusion of %d in %d: %v", p.Index, p.Size, err)
		}
	}
	for _, p := range in.Consistency {
		err := tlog.CheckTree(hashes(p.Proof), p.Size, hash(p.Root), p.OldSize, hash(p.OldRoot))
		if err != nil {
			fail("consistency of %d with %d: %v", p.OldSize, p.Size, err)
		}
	}
	fmt.Printf("ok %d\n", len(in.Inclusion)+len(in.Consistency))
}
