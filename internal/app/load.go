package app

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// Sources are the places a configuration comes from, the strongest first:
// flags, environment, file. What none of them says keeps its default.
type Sources struct {
	// Flags has the flags that were given, by name, as they were spelled.
	Flags map[string]string
	// Env is an environment in the form of os.Environ. A variable that is set
	// to nothing counts as not set.
	Env []string
}

// A Loaded is a configuration and where each of its values came from.
type Loaded struct {
	Config *Config
	// Origins has, by the name of the setting, the flag, the variable or the
	// line of the file that gave it its value; defaults are not in it.
	Origins map[string]string
	// Secrets has, by the name of the setting, the variable that has the secret.
	Secrets map[string]string
	// Warnings are things that were not understood but may belong to somebody
	// else: environment variables with our prefix that name no setting.
	Warnings []string
}

// Load reads the sources. An error is a [*ConfigError], or about reading the
// file.
func Load(src Sources) (*Loaded, error) {
	l := &Loaded{Config: Default(), Origins: map[string]string{}, Secrets: map[string]string{}}
	settings := Settings(l.Config)
	env := environment(src.Env)
	if file := configFile(src.Flags, env); file != "" {
		if err := l.file(settings, file); err != nil {
			return nil, err
		}
	}
	if err := l.environment(settings, env); err != nil {
		return nil, err
	}
	if err := l.flags(settings, src.Flags); err != nil {
		return nil, err
	}
	if err := l.Config.Validate(); err != nil {
		return nil, l.placed(err)
	}
	return l, nil
}

func environment(list []string) map[string]string {
	env := make(map[string]string, len(list))
	for _, entry := range list {
		if name, value, ok := strings.Cut(entry, "="); ok && value != "" {
			env[name] = value
		}
	}
	return env
}

func configFile(flags, env map[string]string) string {
	if file, ok := flags[ConfigName]; ok {
		return file
	}
	return env[EnvName(ConfigName)]
}

// take gives one setting the value that stands at place.
func (l *Loaded) take(s *Setting, place string, set func() error) error {
	if err := set(); err != nil {
		return &ConfigError{Place: place, Err: err}
	}
	l.Origins[s.Name] = place
	return nil
}

func (l *Loaded) flags(settings []Setting, flags map[string]string) error {
	for i := range settings {
		s := &settings[i]
		text, given := flags[s.Name]
		if !given {
			continue
		}
		if err := l.take(s, "--"+s.Name, func() error { return s.Set(text) }); err != nil {
			return err
		}
	}
	return nil
}

func (l *Loaded) environment(settings []Setting, env map[string]string) error {
	known := map[string]bool{EnvName(ConfigName): true}
	for i := range settings {
		s := &settings[i]
		known[s.Env()], known[s.Secret] = true, true
		for _, name := range []string{s.Alias, s.Env()} { // the stronger one last
			text, given := env[name]
			if !given {
				continue
			}
			if err := l.take(s, name, func() error { return s.Set(text) }); err != nil {
				return err
			}
		}
		if err := l.secret(s, env); err != nil {
			return err
		}
	}
	l.warnUnknown(settings, env, known)
	return nil
}

// secret takes a key from its variable. A mistake in it is told without it.
func (l *Loaded) secret(s *Setting, env map[string]string) error {
	text, given := env[s.Secret]
	v, ok := s.Value.(secretValue)
	if !given || !ok {
		return nil
	}
	if err := v.setSecret(text); err != nil {
		return &ConfigError{Place: s.Secret, Err: err}
	}
	l.Secrets[s.Name] = s.Secret
	return nil
}

// warnUnknown only warns: an environment is shared, and container platforms
// put variables of their own shape into it.
func (l *Loaded) warnUnknown(settings []Setting, env map[string]string, known map[string]bool) {
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if !strings.HasPrefix(name, envPrefix) || known[name] {
			continue
		}
		spelled := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, envPrefix), "_", "-"))
		warning := fmt.Sprintf("environment variable %s names no setting", name)
		if near := nearest(settings, spelled); near != "" {
			warning += "; did you mean " + EnvName(near) + "?"
		}
		l.Warnings = append(l.Warnings, warning)
	}
}

func (l *Loaded) file(settings []Setting, name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return &ConfigError{Place: "--" + ConfigName, Err: err}
	}
	entries, err := parseFile(name, text)
	if err != nil {
		return err
	}
	for _, e := range entries {
		s := find(settings, e.key)
		if s == nil {
			return &ConfigError{Place: e.place, Err: unknownKey(settings, e.key)}
		}
		if err := l.take(s, e.place, func() error { return s.SetFile(e.value) }); err != nil {
			return &ConfigError{Place: e.place, Err: fmt.Errorf("%s %w", e.key, errors.Unwrap(err))}
		}
	}
	return nil
}

// placed replaces a setting's name in err by the place that set it, which is
// where the mistake can be mended.
func (l *Loaded) placed(err error) error {
	var wrong *ConfigError
	if !errors.As(err, &wrong) {
		return err
	}
	if place, ok := l.Origins[wrong.Place]; ok && place != "--"+wrong.Place {
		return &ConfigError{Place: place, Err: fmt.Errorf("%s: %w", wrong.Place, wrong.Err)}
	}
	return wrong
}

func find(settings []Setting, name string) *Setting {
	for i := range settings {
		if settings[i].Name == name {
			return &settings[i]
		}
	}
	return nil
}

func unknownKey(settings []Setting, key string) error {
	if near := nearest(settings, key); near != "" {
		return fmt.Errorf("unknown setting %q; did you mean %q?", key, near)
	}
	return fmt.Errorf("unknown setting %q; `rightnow config --example` prints all there are", key)
}
