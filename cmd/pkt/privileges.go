package main

import (
	"fmt"
	"os/user"
	"strconv"
)

// account is who a run goes on as.
type account struct {
	name     string
	uid, gid int
	groups   []int
}

// dropPrivileges makes a live run that was started by root go on as the user of
// -Z, or behind sudo: what packets say is then read by nobody special. A run
// that has capabilities instead gives them up. One that looks for owners keeps them,
// unless -Z says otherwise.
func (s *sourceFlags) dropPrivileges(env *environment, owners bool) error {
	if !s.isLive() {
		return nil
	}
	if s.live.user == "" && owners {
		return nil // another user may not look at the processes of all
	}
	who, err := s.live.account(env)
	if err != nil {
		return err
	}
	if err := relinquish(who); err != nil {
		return fmt.Errorf("giving up privileges: %w", err)
	}
	return nil
}

// account returns who the run goes on as, nil for who it is.
func (l *liveFlags) account(env *environment) (*account, error) {
	if l.user == "" {
		uid := env.getenv("SUDO_UID")
		if uid == "" || uid == "0" || !privileged() {
			return nil, nil
		}
		u, err := user.LookupId(uid)
		if err != nil {
			return nil, usagef("SUDO_UID=%s: no such user; -Z root keeps privileges", uid)
		}
		return newAccount(u)
	}
	u, err := user.Lookup(l.user)
	if err != nil {
		return nil, usagef("-Z %s: no such user", l.user)
	}
	if u.Uid == "0" {
		return nil, nil
	}
	if !privileged() {
		return nil, usagef("-Z %s: only root can become somebody else", l.user)
	}
	return newAccount(u)
}

func newAccount(u *user.User) (*account, error) {
	a := &account{name: u.Username}
	var err error
	if a.uid, err = strconv.Atoi(u.Uid); err != nil {
		return nil, err
	}
	if a.gid, err = strconv.Atoi(u.Gid); err != nil {
		return nil, err
	}
	ids, err := u.GroupIds()
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if n, err := strconv.Atoi(id); err == nil {
			a.groups = append(a.groups, n)
		}
	}
	return a, nil
}
