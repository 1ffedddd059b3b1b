package main

import (
	"strings"
	"testing"
)

func TestSummary(t *testing.T) {
	const input = `{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN TestA\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"noise\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestB","Output":"b_test.go:1: wrong\n"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Test":"TestC","Output":"    c_test.go:1: no PostgreSQL\n"}
{"Action":"skip","Package":"p","Test":"TestC"}
{"Action":"output","Package":"p","Output":"FAIL\tp\t0.1s\n"}
{"Action":"fail","Package":"p"}
not JSON
{"Action":"pass","Package":"q","Test":"TestA"}
{"Action":"output","Package":"q","Output":"PASS\n"}
{"Action":"output","Package":"q","Output":"ok  \tq\t0.2s\n"}
{"Action":"pass","Package":"q"}
{"Action":"output","Package":"r","Test":"TestDied","Output":"panic: boom\n"}
{"Action":"output","Package":"r","Output":"FAIL\tr\t0.1s\n"}
{"Action":"fail","Package":"r"}
{"ImportPath":"s","Action":"build-output","Output":"s.go:1: undefined: x\n"}
{"Action":"fail","Package":"s","FailedBuild":"s"}
`
	var out strings.Builder
	s := &summary{out: &out, output: make(map[name][]string)}
	if err := s.read(strings.NewReader(input)); err != nil {
		t.Fatal(err)
	}
	want := "b_test.go:1: wrong\nskipped p TestC: c_test.go:1: no PostgreSQL\nFAIL\tp\t0.1s\nnot JSON\nok  \tq\t0.2s\nFAIL\tr\t0.1s\npanic: boom\ns.go:1: undefined: x\n"
	if out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", &out, want)
	}
	if s.passed != 2 || s.failed != 2 || s.skipped != 1 || s.brokenPackages != 3 {
		t.Errorf("%d passed, %d failed, %d skipped, %d broken", s.passed, s.failed, s.skipped, s.brokenPackages)
	}
}
