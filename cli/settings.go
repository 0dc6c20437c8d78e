package cli

import (
	"context"
	"net"
	"net/netip"

	"weir/internal/config"
	"weir/internal/saved"
	"weir/tui"
)

// withSettings applies the configuration, then the choices made on the screen.
// Invalid settings are skipped and reported on the screen.
func withSettings(cfg *tui.Config) {
	settings, err := loadSettings()
	if err != nil {
		cfg.Notice = "configuration error: " + oneLine(err)
	}
	cfg.Keys, cfg.FPS = settings.Keys, settings.FPS
	cfg.ASCII = isTrue(settings.ASCII)
	cfg.Settings = tui.Settings{
		Theme: settings.Theme, Names: isTrue(settings.Names), Services: isTrue(settings.Services),
		NoMouse: settings.Mouse != nil && !*settings.Mouse,
	}
	for _, c := range settings.Columns {
		cfg.Settings.Columns = append(cfg.Settings.Columns, tui.ColumnSetting{Name: c.Name, Width: c.Width})
	}
	cfg.Save = saveSettings
	cfg.Resolve = hostName
}

// loadSettings reads both files. What could be read is returned with the error.
func loadSettings() (config.File, error) {
	path, err := configPath()
	if err != nil {
		return config.File{}, nil // no home, no settings
	}
	settings, err := config.Load(path)
	if err == nil {
		err = checkSettings(&settings)
	}
	if path, pathErr := screenPath(); pathErr == nil {
		if chosen, err := config.Load(path); err == nil { // else the screen starts with the configuration alone
			settings = chosen.Over(settings)
		}
	}
	return settings, err
}

// saveSettings keeps what was chosen on the screen.
func saveSettings(s tui.Settings) error {
	path, err := screenPath()
	if err != nil {
		return err
	}
	mouse := !s.NoMouse
	f := config.File{Theme: s.Theme, Mouse: &mouse, Names: &s.Names, Services: &s.Services}
	for _, c := range s.Columns {
		f.Columns = append(f.Columns, config.Column{Name: c.Name, Width: c.Width})
	}
	return config.Save(path, f)
}

// withHistory lets the screen save its searches. A history that can't be read is
// ignored; the first search that can't be saved says why.
func withHistory(cfg *tui.Config) {
	path, err := historyPath()
	if err != nil {
		return
	}
	history := saved.History(path)
	cfg.Past, _ = history.Load()
	cfg.Remember = func(text string) error {
		_, err := history.Add(text)
		return err
	}
}

// withSearches lets the screen keep searches under names.
func withSearches(cfg *tui.Config) {
	if path, err := searchesPath(); err == nil {
		cfg.Searches = screenSearches{saved.Searches(path)}
	}
}

// screenSearches are the saved searches as the screen wants them.
type screenSearches struct{ file saved.Searches }

func (s screenSearches) List() ([]tui.SavedSearch, error) {
	all, err := s.file.List()
	list := make([]tui.SavedSearch, len(all))
	for i, one := range all {
		list[i] = tui.SavedSearch(one)
	}
	return list, err
}

func (s screenSearches) Save(name, text string) error { return s.file.Save(name, text) }
func (s screenSearches) Forget(name string) error     { return s.file.Remove(name) }

// hostName is the first name that the system's resolver has for an address.
func hostName(ctx context.Context, a netip.Addr) (string, error) {
	names, err := net.DefaultResolver.LookupAddr(ctx, a.String())
	if err != nil || len(names) == 0 {
		return "", err
	}
	return names[0], nil
}

func isTrue(b *bool) bool { return b != nil && *b }
