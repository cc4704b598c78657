"""Users of every role, made as the database has them: for tests that are not about how people come to be."""

import sqlalchemy as sa

from aianime_pipeline.accounts.callers import access_token
from aianime_pipeline.accounts.rights import GlobalRole, Role
from aianime_pipeline.accounts.signing import signing_key
from aianime_pipeline.db.models import Project, ProjectMember, User
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.projects.keeping import get_or_create_project

PROJECT = "moonlit"
ADMIN, STRANGER = "admin", "stranger"
EVERYBODY = (ADMIN, *Role, STRANGER)


class People:
    def __init__(self, place: Installation) -> None:
        self._place = place

    def token(self, who: str, project: str = PROJECT) -> str:
        """An access token of «admin», «stranger», or somebody with that role in the project."""
        name = who if who in (ADMIN, STRANGER) else f"{who}-of-{project}"
        with self._place.database.write() as session:
            user = session.scalar(sa.select(User).where(User.name == name))
            if user is None:
                user = User(name=name, global_role=GlobalRole.ADMIN if who == ADMIN else GlobalRole.MEMBER)
                session.add(user)
                session.flush()
                if who not in (ADMIN, STRANGER):
                    self._join(user, Role(who), get_or_create_project(session, project, title=None, language="zh"))
            return access_token(user, signing_key(self._place.settings))[0]

    def _join(self, user: User, role: Role, project: Project) -> None:
        session = sa.orm.object_session(user)
        assert session is not None
        session.add(ProjectMember(project_id=project.id, user_id=user.id, roles=[role.value]))
