package httpx_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

func TestLimiter(t *testing.T) {
	l := httpx.NewLimiter(10)
	now := time.Unix(1000, 0)
	take := func(who string, at time.Time) (http.Header, error) {
		h := http.Header{}
		return h, l.Take(h, who, at)
	}
	for i := range 20 {
		if h, err := take("ada", now); err != nil || h.Get("RateLimit") != fmt.Sprintf(`"default";r=%d;t=1`, 19-i) {
			t.Fatalf("request %d: %v, %v", i, h, err)
		}
	}
	if _, err := take("ada", now); !fault.Is(err, fault.KindTooMany) || fault.As(err).RetryAfter != time.Second {
		t.Errorf("one too many: %v", err)
	}
	if _, err := take("eve", now); err != nil {
		t.Errorf("somebody else waits for ada: %v", err)
	}
	if _, err := take("ada", now.Add(time.Second)); err != nil {
		t.Errorf("a second later: %v", err)
	}
	none := httpx.NewLimiter(0)
	for range 1000 {
		if err := none.Take(http.Header{}, "ada", now); err != nil {
			t.Fatal(err)
		}
	}
}
