package enrich

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/httpx"
)

// Routes mounts the routes of looking people up.
func (s *Service) Routes(r *httpx.Router) {
	const tag, base, providers = "Enrichment", "/api/v1/enrichment", "/api/v1/enrichment/providers"
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: base, ID: "getEnrichment", Tag: tag,
		Summary: "How people are looked up", Permission: "workspace:read"}, s.getSettings)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: base, ID: "updateEnrichment", Tag: tag,
		Summary: "Change how people are looked up", Description: "Switching it on needs an impact assessment in date and a purpose.", Permission: "workspace:write"}, s.patchSettings)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: base, ID: "forgetEnrichment", Tag: tag, Status: http.StatusAccepted,
		Summary: "Forget everything that was found of anybody", Description: "In the background; forgetting says how much is left.", Permission: "privacy:write"}, s.deleteAll)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: base + "/presets", ID: "listEnrichmentPresets", Tag: tag,
		Summary: "Ready definitions of well-known APIs", Permission: "workspace:read"}, s.listPresets)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: providers, ID: "listEnrichmentProviders", Tag: tag,
		Summary: "List providers", Permission: "workspace:read"}, s.listProviders)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: providers, ID: "createEnrichmentProvider", Tag: tag, Status: http.StatusCreated,
		Summary: "Add a provider", Description: "It is off until it is switched on.", Permission: "workspace:write"}, s.postProvider)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: providers + "/{id}", ID: "getEnrichmentProvider", Tag: tag,
		Summary: "Get a provider", Permission: "workspace:read"}, s.getProvider)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: providers + "/{id}", ID: "updateEnrichmentProvider", Tag: tag,
		Summary: "Change a provider, or switch it on or off", Permission: "workspace:write"}, s.patchProvider)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: providers + "/{id}", ID: "deleteEnrichmentProvider", Tag: tag, Status: http.StatusNoContent,
		Summary: "Remove a provider with everything that it found", Permission: "workspace:write"}, s.deleteProvider)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: providers + "/{id}/test", ID: "testEnrichmentProvider", Tag: tag,
		Summary: "Look oneself up", Description: "By the address of the operator who asks. Nothing is stored.", Permission: "workspace:write"}, s.testProvider)
	const person = "/api/v1/contacts/{id}"
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: person + "/enrich", ID: "enrichContact", Tag: tag, Status: http.StatusAccepted,
		Summary: "Look a person up in public sources", Permission: "contacts:write"}, s.postEnrich)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: person + "/enrichment", ID: "getContactEnrichment", Tag: tag,
		Summary: "What was found of a person", Permission: "contacts:read"}, s.getEnrichment)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: person + "/enrichment", ID: "forgetContactEnrichment", Tag: tag, Status: http.StatusNoContent,
		Summary: "Forget what was found of a person", Permission: "contacts:write"}, s.deleteEnrichment)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: person + "/enrichment/{field}", ID: "removeFoundField", Tag: tag, Status: http.StatusNoContent,
		Summary: "Take out one field that was found", Description: "It is not filled in again.", Permission: "contacts:write"}, s.deleteField)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: person + "/avatar", ID: "getContactAvatar", Tag: tag,
		Summary: "A person's picture that was found, a PNG", Permission: "contacts:read"}, s.getAvatar)
}

type overviewOut struct {
	Body Overview
}

type settingsIn struct {
	Body SettingsChange
}

func overview(o Overview, err error) (*overviewOut, error) {
	if err != nil {
		return nil, err
	}
	return &overviewOut{o}, nil
}

func (s *Service) getSettings(ctx context.Context, _ *struct{}) (*overviewOut, error) {
	return overview(s.Overview(ctx))
}

func (s *Service) patchSettings(ctx context.Context, in *settingsIn) (*overviewOut, error) {
	return overview(s.Set(ctx, in.Body))
}

func (s *Service) deleteAll(ctx context.Context, _ *struct{}) (*overviewOut, error) {
	return overview(s.ForgetAll(ctx))
}

type presetsOut struct {
	Body httpx.List[Preset]
}

func (s *Service) listPresets(context.Context, *struct{}) (*presetsOut, error) {
	return &presetsOut{httpx.List[Preset]{Data: Presets()}}, nil
}

type providersOut struct {
	Body httpx.List[Provider]
}

func (s *Service) listProviders(ctx context.Context, _ *struct{}) (*providersOut, error) {
	all, err := s.Providers(ctx)
	if err != nil {
		return nil, err
	}
	return &providersOut{httpx.List[Provider]{Data: all}}, nil
}

type providerOut struct {
	ETag string `header:"ETag"`
	Body Provider
}

func provided(p Provider, err error) (*providerOut, error) {
	if err != nil {
		return nil, err
	}
	return &providerOut{ETag: httpx.ETag(p.UpdatedAt), Body: p}, nil
}

type newProviderIn struct {
	Body NewProvider
}

func (s *Service) postProvider(ctx context.Context, in *newProviderIn) (*providerOut, error) {
	return provided(s.AddProvider(ctx, in.Body))
}

func (s *Service) getProvider(ctx context.Context, in *httpx.ByID) (*providerOut, error) {
	return provided(s.Provider(ctx, in.ID))
}

type providerIn struct {
	httpx.ByID
	IfMatch string `header:"If-Match"`
	Body    ProviderChange
}

func (s *Service) patchProvider(ctx context.Context, in *providerIn) (*providerOut, error) {
	return provided(s.ChangeProvider(ctx, in.ID, in.Body, func(updated time.Time) error { return httpx.CheckMatch(in.IfMatch, updated) }))
}

func (s *Service) deleteProvider(ctx context.Context, in *httpx.ByID) (*struct{}, error) {
	return nil, s.RemoveProvider(ctx, in.ID)
}

type triedOut struct {
	Body Tried
}

func (s *Service) testProvider(ctx context.Context, in *httpx.ByID) (*triedOut, error) {
	t, err := s.TryProvider(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	httpx.NoteContact(ctx, actor.From(ctx).ID) // what was found is about the operator who asked
	return &triedOut{t}, nil
}

type standingOut struct {
	Body Standing
}

func standing(st Standing, err error) (*standingOut, error) {
	if err != nil {
		return nil, err
	}
	return &standingOut{st}, nil
}

func (s *Service) postEnrich(ctx context.Context, in *httpx.ByID) (*standingOut, error) {
	return standing(s.Ask(ctx, in.ID))
}

func (s *Service) getEnrichment(ctx context.Context, in *httpx.ByID) (*standingOut, error) {
	return standing(s.Standing(ctx, in.ID))
}

func (s *Service) deleteEnrichment(ctx context.Context, in *httpx.ByID) (*struct{}, error) {
	return nil, s.Forget(ctx, in.ID)
}

type fieldIn struct {
	httpx.ByID
	Field string `path:"field" maxLength:"100" doc:"Such as first_name or attributes.company."`
}

func (s *Service) deleteField(ctx context.Context, in *fieldIn) (*struct{}, error) {
	return nil, s.RemoveField(ctx, in.ID, in.Field)
}

type avatarIn struct {
	httpx.ByID
	Version string `query:"v" maxLength:"16" doc:"Changes with the picture, for caches."`
}

func (s *Service) getAvatar(ctx context.Context, in *avatarIn) (*httpx.Streamed, error) {
	image, err := s.Avatar(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	header := map[string]string{"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"}
	return httpx.StreamOf("image/png", header, func(_ context.Context, w io.Writer) error {
		_, err := w.Write(image)
		return err
	}, func(err error) { s.Logger.InfoContext(ctx, "a picture was not sent whole", "error", err) }), nil
}
