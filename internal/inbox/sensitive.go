package inbox

import (
	"context"
	"encoding/json"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/sensitive"
	"github.com/botimum/botimum/internal/vault"
)

// Sensitive tells what was found in a message.
type Sensitive struct {
	Masked []sensitive.Kind `json:"masked" doc:"What was masked when it arrived; the original was never stored."`
	Found  []Found          `json:"found" doc:"What is in it still and can be redacted."`
}

// Found is a place in a message's body.
type Found struct {
	Kind       sensitive.Kind       `json:"kind" enum:"key,iban,card,national_id,password"`
	Country    string               `json:"country,omitempty" doc:"Of an IBAN or a national id, as in ISO 3166."`
	Confidence sensitive.Confidence `json:"confidence" enum:"sure,likely,unsure" doc:"unsure: its digits or its place alone say so. It is flagged even where the workspace masks its kind."`
	Range
}

// Range is a part of a body.
type Range struct {
	Start int `json:"start" minimum:"0" doc:"The first character (Unicode code points, from 0)."`
	End   int `json:"end" minimum:"1" doc:"The character after the last."`
}

// checked gives a text as the workspace lets it be stored.
func (s *Service) checked(ctx context.Context, workspaceID, text string) (sensitive.Checked, error) {
	if len(sensitive.Find(text)) == 0 {
		return sensitive.Checked{Text: text}, nil
	}
	policy, err := s.Policy(ctx, workspaceID)
	if err != nil {
		return sensitive.Checked{}, err
	}
	return policy.Check(text), nil
}

// sensitiveOf gives what a message tells of its check; nil if there is nothing to tell.
func sensitiveOf(c sensitive.Checked) *Sensitive {
	if len(c.Masked) == 0 && len(c.Found) == 0 {
		return nil
	}
	out := &Sensitive{Masked: append([]sensitive.Kind{}, c.Masked...), Found: make([]Found, len(c.Found))}
	for i, f := range c.Found {
		start := utf8.RuneCountInString(c.Text[:f.Start])
		out.Found[i] = Found{Kind: f.Kind, Country: f.Country, Confidence: f.Confidence,
			Range: Range{start, start + utf8.RuneCountInString(c.Text[f.Start:f.End])}}
	}
	return out
}

func sensitivePlace(row string) vault.Place {
	return vault.Place{Table: "messages", Column: "sensitive_sealed", Row: row}
}

func sealSensitive(key *vault.Key, messageID string, s *Sensitive) ([]byte, error) {
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	return key.Seal(sensitivePlace(messageID), raw), nil
}

func openSensitive(key *vault.Key, messageID string, sealed []byte) (*Sensitive, error) {
	if sealed == nil {
		return nil, nil //nolint:nilnil // nothing was found
	}
	raw, err := key.Open(sensitivePlace(messageID), sealed)
	if err != nil {
		return nil, fault.Wrap("open what was found in "+messageID, err)
	}
	var s Sensitive
	return &s, fault.Wrap("read what was found in "+messageID, json.Unmarshal(raw, &s))
}
